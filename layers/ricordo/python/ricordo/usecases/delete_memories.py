from collections.abc import Sequence

from ricordo.domain.errors import MemoryNotFoundError, VersionConflictError
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import bury
from ricordo.ports.clock import Clock
from ricordo.ports.memory_store import MemoryStore
from ricordo.usecases.get_memory import get_memory
from ricordo.usecases.update_memories import require_all

_TRIES = 10


def delete_memory(
    memory_id: MemoryId,
    *,
    project_id: ProjectId,
    memories: MemoryStore,
    clock: Clock,
    expected_version: int | None = None,
) -> None:
    """Leave a tombstone where the memory was; its history keeps the text for the project's retention.

    Raises:
        MemoryNotFoundError: no live memory has this id.
        VersionConflictError: it is not at `expected_version`.
    """
    for tries_left in reversed(range(_TRIES)):
        current = get_memory(memory_id, project_id=project_id, memories=memories)
        version = current.version if expected_version is None else expected_version
        try:
            memories.replace(bury(current, now=clock.now()), expected_version=version)
        except VersionConflictError:
            if expected_version is not None or not tries_left:
                raise
        else:
            return


def delete_batch(memory_ids: Sequence[MemoryId], *, project_id: ProjectId, memories: MemoryStore, clock: Clock) -> int:
    """Delete several memories and count them; if one of them does not exist, none is deleted.

    Raises:
        MemoryNotFoundError: names the ids that do not exist.
    """
    unique = list(dict.fromkeys(memory_ids))
    require_all(unique, project_id=project_id, memories=memories)
    for memory_id in unique:
        try:
            delete_memory(memory_id, project_id=project_id, memories=memories, clock=clock)
        except MemoryNotFoundError:  # another caller was faster: it is gone, as asked
            continue
    return len(unique)
