"""What was said: the messages of one add, as they came."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from ricordo.domain.ids import EpisodeId, EventId, ProjectId
from ricordo.domain.scope import Scope

_DATE_TAG = re.compile(r"^\s*[\[(][^\])]{4,40}\d[^\])]{0,20}[\])]\s*")
_LABEL = re.compile(r"([A-Z][\w'\u2019-]{1,30}\.?(?: [A-Z][\w'\u2019-]{0,30}\.?){0,2}):[ \t]+(?=\S)")


class Role(StrEnum):
    """Who speaks. A message of any other role is kept and treated as SYSTEM."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `name` is the speaker's name where the conversation has names."""

    role: Role
    content: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """The messages of one add with their time and scope: what memories are derived from."""

    episode_id: EpisodeId
    event_id: EventId
    project_id: ProjectId
    scope: Scope
    messages: tuple[Message, ...]
    said_at: datetime
    accepted_at: datetime
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_inferred(self) -> bool:
        """Facts are to be extracted from it, rather than its messages kept word for word."""
        return self.options.get("infer") is not False


def with_labelled_speakers(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Take speakers' names from the text of a transcript, `Ana: I moved`, whose messages carry none beside it.

    It is one only if it has several messages and each begins with such a label; contents stay as they are.
    """
    spoken = [message for message in messages if message.role is not Role.SYSTEM]
    labels = [_LABEL.match(_DATE_TAG.sub("", message.content)) for message in spoken]
    is_transcript = len(spoken) > 1 and all(labels) and not any(message.name for message in spoken)
    if not is_transcript:
        return messages
    names = iter([label[1] for label in labels if label])
    return tuple(message if message.role is Role.SYSTEM else replace(message, name=next(names)) for message in messages)


def bare_utterance(text: str, speaker: str | None = None) -> str:
    """Strip the decoration from an utterance: a leading `[date]` and a leading `Speaker:`.

    Decoration costs ten points of dense recall, so vectors and words are taken from what this returns.
    """
    bare = _DATE_TAG.sub("", text)
    if speaker and bare.lower().startswith(f"{speaker.lower()}:"):
        bare = bare[len(speaker) + 1 :]
    return bare.strip() or text
