"""One statement with its scope, validity, version and sources; and what may become of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ricordo.domain.episode import Role
from ricordo.domain.errors import ImmutableMemoryError
from ricordo.domain.graph import Entity, Relation
from ricordo.domain.ids import EpisodeId, EventId, MemoryId, ProjectId
from ricordo.domain.moments import Moment
from ricordo.domain.scope import Scope

Vector = NDArray[np.float32]


class LifecycleState(StrEnum):
    """Where a memory stands; DELETED is a tombstone without text."""

    ACTIVE = "active"
    SUPERSEDED = "superseded"
    MERGED = "merged"
    DELETED = "deleted"


class MemoryKind(StrEnum):
    """How a memory came about."""

    FACT = "fact"
    VERBATIM = "verbatim"


class ChangeType(StrEnum):
    """What a version did to its memory; mem0's history calls it `event`."""

    ADD = "ADD"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Embedding:
    """A unit vector of shape (dimensions,) and the model it came from; vectors of two models never meet."""

    model_id: str
    vector: Vector

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Embedding)
            and self.model_id == other.model_id
            and np.array_equal(self.vector, other.vector)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays have no hash


@dataclass(frozen=True, slots=True)
class Source:
    """What a memory was derived from: the fact at `ordinal` of an event, and the message behind it."""

    event_id: EventId
    episode_id: EpisodeId
    ordinal: int
    message_index: int


@dataclass(frozen=True, slots=True)
class Memory:
    """A memory as it stands now.

    Attributes:
        created_at: When it was said; callers may backdate it.
        accepted_at: When Ricordo took it in; orders lists and never changes.
        thread: Names the conversation it belongs to (its run, else its narrowest scope).
        sequence: Place in that thread, rising, gaps allowed; 0 until stored.
        expiration: Date or instant after which it is hidden.
        valid_from: Start of the time it speaks of, in the world.
        valid_to: End of it, exclusive.
    """

    memory_id: MemoryId
    project_id: ProjectId
    scope: Scope
    text: str
    source: Source
    created_at: datetime
    updated_at: datetime
    accepted_at: datetime
    thread: str
    sequence: int = 0
    version: int = 1
    state: LifecycleState = LifecycleState.ACTIVE
    kind: MemoryKind = MemoryKind.FACT
    metadata: Mapping[str, object] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    attributed_to: Role | None = None
    speaker: str | None = None
    expiration: Moment | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    replaced_by: MemoryId | None = None
    immutable: bool = False
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    embedding: Embedding | None = None

    def is_expired(self, now: datetime) -> bool:
        """Say whether the memory is past its expiration at `now`; a date includes its whole day."""
        return self.expiration is not None and now >= self.expiration.end


@dataclass(frozen=True, slots=True)
class MemoryVersion:
    """One immutable entry of a memory's history."""

    memory_id: MemoryId
    version: int
    change: ChangeType
    old_text: str | None
    new_text: str | None
    scope: Scope
    metadata: Mapping[str, object]
    categories: tuple[str, ...]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class MemoryPatch:
    """What an update changes; a field left at its default stays as it is."""

    text: str | None = None
    metadata: Mapping[str, object] | None = None
    created_at: datetime | None = None
    expiration: Moment | None = None
    clears_expiration: bool = False


def revise(memory: Memory, patch: MemoryPatch, *, now: datetime) -> Memory:
    """Return the next version of `memory`; a new text loses the old one's vector, entities and relations.

    Raises:
        ImmutableMemoryError: the memory was added as immutable.
    """
    if memory.immutable:
        raise ImmutableMemoryError("This memory is immutable; delete it and add a new one instead.")
    revised = replace(memory, version=memory.version + 1, updated_at=now)
    if patch.text is not None and patch.text != memory.text:
        revised = replace(revised, text=patch.text, embedding=None, entities=(), relations=())
    if patch.metadata is not None:
        revised = replace(revised, metadata=patch.metadata)
    if patch.created_at is not None:
        revised = replace(revised, created_at=patch.created_at)
    if patch.clears_expiration or patch.expiration is not None:
        revised = replace(revised, expiration=patch.expiration)
    return revised


def is_met(memory: Memory, patch: MemoryPatch) -> bool:
    """Say whether a memory already is what a patch would make of it."""
    changes_expiration = patch.clears_expiration or patch.expiration is not None
    return (
        patch.text in (None, memory.text)
        and patch.metadata in (None, memory.metadata)
        and patch.created_at in (None, memory.created_at)
        and (not changes_expiration or patch.expiration == memory.expiration)
    )


def bury(memory: Memory, *, now: datetime) -> Memory:
    """Return the tombstone of `memory`: one version on, with nothing of its content."""
    return replace(
        memory,
        version=memory.version + 1,
        state=LifecycleState.DELETED,
        updated_at=now,
        text="",
        metadata={},
        categories=(),
        speaker=None,
        entities=(),
        relations=(),
        embedding=None,
    )
