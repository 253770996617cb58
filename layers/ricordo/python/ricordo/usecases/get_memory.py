from ricordo.domain.errors import MemoryNotFoundError
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.ports.memory_store import MemoryStore


def get_memory(memory_id: MemoryId, *, project_id: ProjectId, memories: MemoryStore) -> Memory:
    """Return one memory, expired ones included.

    Raises:
        MemoryNotFoundError: no live memory has this id.
    """
    memory = memories.get(project_id, [memory_id]).get(memory_id)
    if memory is None:
        raise MemoryNotFoundError("Memory not found!")
    return memory
