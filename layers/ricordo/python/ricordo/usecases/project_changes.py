from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from ricordo.domain.errors import ProjectionError
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import LifecycleState, Memory
from ricordo.ports.clock import Clock
from ricordo.ports.graph_store import GraphStore
from ricordo.ports.projection_feed import ProjectionFeed, Standing
from ricordo.ports.search_index import SearchIndex


def project_to_index(
    changed: Mapping[MemoryId, int],
    *,
    project_id: ProjectId,
    feed: ProjectionFeed,
    index: SearchIndex,
    clock: Clock,
    visible_after_s: float,
) -> None:
    """Make the index show what the truth says of these memories now, whatever the change was.

    `changed` names the version each had when it changed, so that what is gone by now is forgotten under a number.
    Safe to repeat, late or in another order.

    Raises:
        UnavailableError: the truth or the index is down; nothing is settled.
        ProjectionError: the index refused some; the others are settled.
    """
    standing = feed.standing(project_id, list(changed))
    refusal: ProjectionError | None = None
    index.remove(project_id, _gone(changed, standing))
    try:
        index.upsert([one.memory for one in standing.values() if one.is_live])
    except ProjectionError as error:
        refusal = error
    settled = {
        memory_id: standing[memory_id].memory.version if memory_id in standing else version
        for memory_id, version in changed.items()
        if refusal is None or memory_id not in refusal.memory_ids
    }
    now = clock.now()
    feed.settle(project_id, settled, visible_at=now + timedelta(seconds=visible_after_s), now=now)
    if refusal is not None:
        raise refusal


def project_to_graph(
    changed: Mapping[MemoryId, int], *, project_id: ProjectId, feed: ProjectionFeed, graph: GraphStore
) -> None:
    """Make the graph show what the truth says of these memories now; as `project_to_index` does for the index.

    Raises:
        UnavailableError: the truth or the graph is down.
        ProjectionError: the graph refused some; the others are as they are to be.
    """
    standing = feed.standing(project_id, list(changed))
    graph.forget(project_id, [memory_id for memory_id in changed if memory_id not in standing])
    graph.upsert([one.memory if one.is_live else _silent(one.memory) for one in standing.values()])


def _silent(memory: Memory) -> Memory:
    """Return what the graph keeps of a hidden or deleted memory: a version, so that none before it comes back."""
    if memory.state is LifecycleState.DELETED:
        return memory
    return replace(memory, version=memory.version + 1, state=LifecycleState.DELETED, entities=(), relations=())


def _gone(changed: Mapping[MemoryId, int], standing: Mapping[MemoryId, Standing]) -> dict[MemoryId, int]:
    return {
        memory_id: standing[memory_id].memory.version if memory_id in standing else version
        for memory_id, version in changed.items()
        if memory_id not in standing or not standing[memory_id].is_live
    }
