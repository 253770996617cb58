"""Work out who speaks to whom."""

from collections.abc import Sequence
from typing import Final

from ricordo.adapters.builtin.extraction.interjections import vocative
from ricordo.adapters.builtin.extraction.persons import Cast
from ricordo.domain.episode import Message, Role

_SHORT_NAMES: Final = (3, 4, 5)  # letters of a nickname: "Mel" for Melanie
_ROLE_LABELS: Final = {Role.USER: "User", Role.ASSISTANT: "Assistant"}


class Speakers:
    """The voices of an episode."""

    def __init__(self, messages: Sequence[Message]) -> None:
        heard = [message for message in messages if message.role is not Role.SYSTEM]
        self._labels = tuple(dict.fromkeys(label_of(message) for message in heard))
        self.names = frozenset(name for message in heard if (name := (message.name or "").strip()))
        folded = frozenset(name.lower() for name in self.names)
        self.callable_names = folded | {name[:end] for name in folded for end in _SHORT_NAMES if end < len(name)}

    def cast(self, message: Message) -> Cast:
        """Return who speaks in `message`, and the one person it can be addressed to."""
        speaker = label_of(message)
        others = [label for label in self._labels if label != speaker]
        if len(self._labels) == 1 and not others:
            return Cast(speaker, _ROLE_LABELS[_counterpart(message.role)], self.names)
        called = vocative(message.content[:200], self.names - {speaker}) if len(others) > 1 else None
        return Cast(speaker, others[0] if len(others) == 1 else called, self.names)


def label_of(message: Message) -> str:
    """Return the name by which statements call the speaker."""
    return (message.name or "").strip() or _ROLE_LABELS.get(message.role, "User")


def _counterpart(role: Role) -> Role:
    return Role.USER if role is Role.ASSISTANT else Role.ASSISTANT
