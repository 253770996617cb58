"""What is told to the outside about a change, so that others need not ask: ids and times, never what was said."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ricordo.domain.event import Event
from ricordo.domain.ids import EventId, MemoryId, ProjectId, announcement_id_for
from ricordo.domain.scope import Scope


class AnnouncementType(StrEnum):
    """What happened."""

    MEMORY_ADDED = "MemoryAdded"
    MEMORY_UPDATED = "MemoryUpdated"
    MEMORY_SUPERSEDED = "MemorySuperseded"
    MEMORY_EXPIRED = "MemoryExpired"
    MEMORY_DELETED = "MemoryDeleted"
    INGEST_FAILED = "IngestFailed"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One thing that happened in a project; it may be told more than once, under the same id.

    Attributes:
        event_id: The event of the add behind it.
        at: When it happened.
        scope: Whose it is; empty where nothing could be read of what was asked for.
        memory_id: The memory that changed, and `version` what it is at now.
        reason: Code of the error an add ended with.
        epoch: Of the claim under which the event failed: after a redrive it may fail again.
    """

    type: AnnouncementType
    project_id: ProjectId
    event_id: EventId
    at: datetime
    scope: Scope
    memory_id: MemoryId | None = None
    version: int | None = None
    reason: str | None = None
    epoch: int = 0

    @property
    def announcement_id(self) -> str:
        """The same however often it is told."""
        subject = f"{self.event_id}\0{self.epoch}" if self.memory_id is None else f"{self.memory_id}\0{self.version}"
        return announcement_id_for(self.project_id, f"{self.type}\0{subject}")


def ingest_failed(event: Event, *, epoch: int = 0) -> Announcement:
    """Announce that an event has ended as FAILED, under a claim of this epoch."""
    return Announcement(
        AnnouncementType.INGEST_FAILED,
        event.project_id,
        event.event_id,
        event.completed_at or event.updated_at,
        event.scope,
        reason=event.error,
        epoch=epoch,
    )


def ingest_refused(project_id: ProjectId, event_id: EventId, *, reason: str, at: datetime) -> Announcement:
    """Announce that what was sent could not be taken in at all."""
    return Announcement(AnnouncementType.INGEST_FAILED, project_id, event_id, at, Scope(), reason=reason)
