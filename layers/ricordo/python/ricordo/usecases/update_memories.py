from collections.abc import Mapping, Sequence
from dataclasses import replace

from ricordo.domain.errors import EmbedderUnavailableError, MemoryNotFoundError, VersionConflictError
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Embedding, Memory, MemoryPatch, is_met, revise
from ricordo.domain.question import embedding_text
from ricordo.ports.clock import Clock
from ricordo.ports.embedder import Embedder
from ricordo.ports.memory_store import MemoryStore
from ricordo.usecases.get_memory import get_memory

_TRIES = 10


def update_memory(
    memory_id: MemoryId,
    patch: MemoryPatch,
    *,
    project_id: ProjectId,
    memories: MemoryStore,
    embedder: Embedder,
    clock: Clock,
    expected_version: int | None = None,
) -> Memory:
    """Write the next version of a memory and return it; one that is as asked for already stays as it is.

    Without `expected_version` an update that met another one is made again on what that one left.

    Raises:
        MemoryNotFoundError: no live memory has this id.
        ImmutableMemoryError: it was added as immutable.
        VersionConflictError: it is not at `expected_version`.
    """
    for tries_left in reversed(range(_TRIES)):
        current = get_memory(memory_id, project_id=project_id, memories=memories)
        if expected_version is not None and current.version != expected_version:
            raise VersionConflictError(
                f"The memory is at version {current.version}, not {expected_version}: read it again."
            )
        revised = revise(current, patch, now=clock.now())
        if is_met(current, patch):
            return current
        revised = _embedded(revised, embedder)
        try:
            memories.replace(revised, expected_version=current.version)
        except VersionConflictError:
            if expected_version is not None or not tries_left:
                raise
        else:
            return revised
    raise AssertionError("the last try returns or raises")


def update_batch(
    patches: Mapping[MemoryId, MemoryPatch],
    *,
    project_id: ProjectId,
    memories: MemoryStore,
    embedder: Embedder,
    clock: Clock,
) -> int:
    """Update several memories and count them; if one of them does not exist, none is changed.

    Raises:
        MemoryNotFoundError: names the ids that do not exist.
        ImmutableMemoryError: one of them was added as immutable.
    """
    current = require_all(list(patches), project_id=project_id, memories=memories)
    for memory_id, memory in current.items():
        revise(memory, patches[memory_id], now=clock.now())
    for memory_id, patch in patches.items():
        update_memory(memory_id, patch, project_id=project_id, memories=memories, embedder=embedder, clock=clock)
    return len(patches)


def require_all(
    memory_ids: Sequence[MemoryId], *, project_id: ProjectId, memories: MemoryStore
) -> Mapping[MemoryId, Memory]:
    """Return all of these memories.

    Raises:
        MemoryNotFoundError: names up to ten ids that do not exist.
    """
    found = memories.get(project_id, memory_ids)
    missing = [memory_id for memory_id in memory_ids if memory_id not in found]
    if missing:
        raise MemoryNotFoundError(f"Memory not found! Nothing was changed; unknown: {', '.join(missing[:10])}")
    return found


def _embedded(memory: Memory, embedder: Embedder) -> Memory:
    """Give a memory with a new text its vector; with the embedder down it goes without."""
    if memory.embedding is not None:
        return memory
    try:
        vector = embedder.embed([embedding_text(memory.text, memory.speaker)], project_id=memory.project_id)[0]
    except EmbedderUnavailableError:
        return memory
    return replace(memory, embedding=Embedding(embedder.model_id, vector))
