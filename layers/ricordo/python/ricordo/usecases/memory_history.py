from collections.abc import Sequence
from dataclasses import dataclass

from ricordo.domain.episode import Message
from ricordo.domain.errors import EventNotFoundError
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import MemoryVersion
from ricordo.ports.event_store import EventStore
from ricordo.ports.memory_store import MemoryStore


@dataclass(frozen=True, slots=True)
class History:
    """The versions of a memory, oldest first, and the message it was taken from while that is kept."""

    versions: Sequence[MemoryVersion]
    messages: Sequence[Message]


def memory_history(memory_id: MemoryId, *, project_id: ProjectId, memories: MemoryStore, events: EventStore) -> History:
    """Return every version of a memory, deleted ones included until they are purged.

    Raises:
        MemoryNotFoundError: nothing is known of this id.
    """
    versions = memories.versions(project_id, memory_id)
    memory = memories.get(project_id, [memory_id]).get(memory_id)
    if memory is None:
        return History(versions, ())
    try:
        messages = events.get(project_id, memory.source.event_id).messages
    except EventNotFoundError:
        return History(versions, ())
    place = memory.source.message_index
    return History(versions, messages[place : place + 1])
