"""The record of one accepted operation, and the lease under which its work is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ricordo.domain.episode import Message
from ricordo.domain.ids import EventId, MemoryId, ProjectId
from ricordo.domain.memory import ChangeType
from ricordo.domain.scope import Scope


class EventType(StrEnum):
    """Operations that leave an event."""

    ADD = "ADD"
    DELETE_ALL = "DELETE_ALL"
    DELETE_USER = "DELETE_USER"


class EventStatus(StrEnum):
    """PENDING -> RUNNING -> SUCCEEDED or FAILED."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"

    @property
    def is_final(self) -> bool:
        """No further change comes."""
        return self in {EventStatus.SUCCEEDED, EventStatus.FAILED}


@dataclass(frozen=True, slots=True)
class EventResult:
    """One memory an event wrote."""

    memory_id: MemoryId
    text: str
    change: ChangeType = ChangeType.ADD


@dataclass(frozen=True, slots=True)
class Event:
    """One operation from its acceptance to its end.

    Attributes:
        request: What was asked for, as far as a reader of the event may see it; messages are kept apart.
        messages: What an add said; empty for other operations.
        notes: Facts about the outcome for the reader, e.g. why nothing was kept. Never memory text.
        parts_done: How many parts of its episode are done with; `results` and `notes` tell of these.
        facts_done: How many facts they had.
    """

    event_id: EventId
    project_id: ProjectId
    type: EventType
    scope: Scope
    created_at: datetime
    updated_at: datetime
    status: EventStatus = EventStatus.PENDING
    request: Mapping[str, object] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    results: Sequence[EventResult] = ()
    notes: Mapping[str, object] = field(default_factory=dict)
    started_at: datetime | None = None
    completed_at: datetime | None = None
    error: str | None = None
    attempts: int = 0
    parts_done: int = 0
    facts_done: int = 0

    @property
    def goes_on(self) -> bool:
        """A part of its episode is done, and the next one waits."""
        return self.status is EventStatus.PENDING and self.error is None and self.parts_done > 0

    @property
    def latency_ms(self) -> float | None:
        """Milliseconds from acceptance to the end, once ended."""
        if self.completed_at is None:
            return None
        return (self.completed_at - self.created_at).total_seconds() * 1000


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one event until `until`; a later claim has a higher `epoch` and ends this one.

    The epoch alone is the fence: work whose time is over goes on while nobody else has claimed the event.
    """

    project_id: ProjectId
    event_id: EventId
    epoch: int
    until: datetime


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events to list."""

    type: EventType | None = None
    since: datetime | None = None
    before: datetime | None = None
