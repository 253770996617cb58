"""Conversations with questions whose evidence is known: LoCoMo, and this project's own sets.

LoCoMo (Maharana et al., ACL 2024, https://github.com/snap-research/LoCoMo) is CC BY-NC 4.0: it is read from
where it lies and never copied into this repository.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ricordo.domain.episode import Role
from ricordo.domain.ids import EpisodeId, EventId, MemoryId, ProjectId
from ricordo.domain.memory import Embedding, Memory, Source
from ricordo.domain.question import embedding_text
from ricordo.domain.scope import Scope

REPOSITORY: Final = Path(__file__).resolve().parents[2]
LOCOMO: Final = REPOSITORY.parent / "shared" / "data" / "locomo10.json"
OWN_SETS: Final = Path(__file__).with_name("data")
RESULTS: Final = REPOSITORY / "benchmarks" / "results"
_CATEGORIES: Final = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the ids of the memories that answer it."""

    text: str
    evidence: frozenset[str]
    category: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """One user's memories, in the order they were said, and what is asked about them."""

    name: str
    memories: tuple[Memory, ...]
    questions: tuple[Asked, ...]

    @property
    def speakers(self) -> frozenset[str]:
        """The names under which anything was said."""
        return frozenset(memory.speaker for memory in self.memories if memory.speaker)


def read_locomo(path: Path = LOCOMO) -> list[Conversation]:
    """Read LoCoMo's ten conversations; questions without valid evidence are dropped, 1,981 remain."""
    return [_locomo_conversation(sample) for sample in json.loads(path.read_text("utf-8"))]


def _locomo_conversation(sample: Mapping[str, Any]) -> Conversation:
    name = str(sample["sample_id"])
    conversation = sample["conversation"]
    memories: list[Memory] = []
    for key in sorted(filter(re.compile(r"session_\d+").fullmatch, conversation), key=lambda key: int(key[8:])):
        said_at = datetime.strptime(conversation[f"{key}_date_time"], "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
        for place, turn in enumerate(conversation[key], 1):
            role = Role.USER if turn["speaker"] == conversation["speaker_a"] else Role.ASSISTANT
            said = _Said(turn["dia_id"], turn["text"], role, turn["speaker"], said_at)
            memories.append(_memory(name, key, place, said))
    known = {str(memory.memory_id) for memory in memories}
    asked = (
        Asked(str(entry["question"]), _locomo_evidence(entry) & known, _CATEGORIES[entry["category"]])
        for entry in sample["qa"]
    )
    return Conversation(name, tuple(memories), tuple(one for one in asked if one.evidence))


def _locomo_evidence(entry: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(part for text in entry.get("evidence", ()) for part in re.split(r"[;\s]+", text) if part)


def read_own_sets(folder: Path = OWN_SETS) -> list[Conversation]:
    """Read this project's own question sets."""
    return [_own_conversation(path) for path in sorted(folder.glob("*.json"))]


def _own_conversation(path: Path) -> Conversation:
    content = json.loads(path.read_text("utf-8"))
    memories = []
    for session in content["sessions"]:
        said_at = datetime.fromisoformat(session["time"])
        for place, message in enumerate(session["messages"], 1):
            said = _Said(message["id"], message["content"], Role(message["role"]), message.get("name"), said_at)
            memories.append(_memory(path.stem, session["id"], place, said))
    questions = tuple(
        Asked(entry["question"], frozenset(entry["evidence"]), entry["category"]) for entry in content["questions"]
    )
    return Conversation(path.stem, tuple(memories), questions)


@dataclass(frozen=True, slots=True)
class _Said:
    message_id: str
    text: str
    role: Role
    speaker: str | None
    said_at: datetime


def _memory(user: str, session: str, place: int, said: _Said) -> Memory:
    event = EventId(f"{user}/{session}")
    return Memory(
        memory_id=MemoryId(said.message_id),
        project_id=ProjectId("quality"),
        scope=Scope(user_id=user, run_id=session),
        text=said.text,
        source=Source(event, EpisodeId(session), place, place),
        created_at=said.said_at,
        updated_at=said.said_at,
        accepted_at=said.said_at,
        thread=f"{user}/{session}",
        sequence=place,
        attributed_to=said.role,
        speaker=said.speaker,
    )


def embedded(conversation: Conversation, vectors: Mapping[str, NDArray[np.float32]], model_id: str) -> Conversation:
    """Give every memory of `conversation` its vector."""
    memories = tuple(
        replace(memory, embedding=Embedding(model_id, vectors[embedding_text(memory.text, memory.speaker)]))
        for memory in conversation.memories
    )
    return replace(conversation, memories=memories)


def texts_of(conversations: Sequence[Conversation]) -> Iterator[str]:
    """Yield what of the memories is embedded."""
    for conversation in conversations:
        for memory in conversation.memories:
            yield embedding_text(memory.text, memory.speaker)
