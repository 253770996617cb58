"""Identifiers, and how the derived ones come about.

Ids are derived wherever a step may run twice, so that a repetition writes the same rows (UUIDv5, RFC 9562).
"""

from typing import NewType
from uuid import UUID, uuid5

ProjectId = NewType("ProjectId", str)
MemoryId = NewType("MemoryId", str)
EpisodeId = NewType("EpisodeId", str)
EventId = NewType("EventId", str)
KeyId = NewType("KeyId", str)

_RICORDO = UUID("6f0f2f64-9c1e-5b0e-8a86-3a9f3e1f7c11")


def event_id_for(project_id: ProjectId, idempotency_key: str) -> EventId:
    """Name the event of an add that carries an `Idempotency-Key`."""
    return EventId(str(uuid5(_RICORDO, f"event\0{project_id}\0{idempotency_key}")))


def episode_id_for(event_id: EventId) -> EpisodeId:
    """Name the one episode that an add's event stands for."""
    return EpisodeId(str(uuid5(_RICORDO, f"episode\0{event_id}")))


def memory_id_for(event_id: EventId, ordinal: int) -> MemoryId:
    """Name the memory made from the fact at `ordinal` (from 0) of an event."""
    return MemoryId(str(uuid5(_RICORDO, f"memory\0{event_id}\0{ordinal}")))


def history_id_for(memory_id: MemoryId, version: int) -> str:
    """Name one history entry of a memory."""
    return str(uuid5(_RICORDO, f"history\0{memory_id}\0{version}"))


def announcement_id_for(project_id: ProjectId, told: str) -> str:
    """Name one thing that is told to the outside, however often it is told."""
    return str(uuid5(_RICORDO, f"announcement\0{project_id}\0{told}"))


def as_uuid(value: str) -> str | None:
    """Return the canonical form of a UUID, or None where `value` is not one."""
    try:
        return str(UUID(value))
    except ValueError:
        return None
