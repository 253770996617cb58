"""What is asked of the graph. Each traversal begins at what has the project's mark, and stays with it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from gremlin_python.process.graph_traversal import GraphTraversal, GraphTraversalSource, __
from gremlin_python.process.traversal import Column, Order, P, T, TraversalStrategies
from gremlin_python.statics import long
from gremlin_python.structure.graph import Graph

from ricordo.adapters.neptune.elements import (
    ENTITY,
    MEMORY,
    MENTIONS,
    NAME,
    PROJECT,
    RELATION,
    SOURCE,
    STATEMENT,
    TARGET,
    TYPE,
    VALID_FROM,
    VALID_TO,
    VERSION,
    entity_vertex,
    memory_vertex,
)
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.moments import to_micros

# Budgets: so many edges of one entity, and of one hop, are looked at; below, answers are exact.
MENTIONS_READ: Final = 5_000
RELATIONS_READ: Final = 5_000

g: Final = GraphTraversalSource(Graph(), TraversalStrategies())


def reach(walk: Any, project_id: ProjectId, vertices: Collection[str]) -> GraphTraversal:
    """Go to vertices of a project."""
    if not vertices:  # which to Gremlin means all of them
        raise ValueError("no vertices")
    return walk.V(*vertices).has(PROJECT, project_id)


def mentions(project_id: ProjectId, keys: Collection[str], *, limit: int) -> GraphTraversal:
    """Count the mentions of these entities by memory, most first."""
    return (
        reach(g, project_id, [entity_vertex(project_id, key) for key in keys])
        .local(__.in_e(MENTIONS).has(PROJECT, project_id).limit(MENTIONS_READ))
        .group_count()
        .by(MEMORY)
        .unfold()
        .order()
        .by(Column.values, Order.desc)
        .by(Column.keys)
        .limit(limit)
    )


def entities(project_id: ProjectId, memory_id: MemoryId) -> GraphTraversal:
    """Read what a memory mentions."""
    return (
        reach(g, project_id, [memory_vertex(project_id, memory_id)])
        .out_e(MENTIONS)
        .has(PROJECT, project_id)
        .value_map(NAME, TYPE)
    )


def relations(project_id: ProjectId, keys: Collection[str], *, limit: int, as_of: datetime | None) -> GraphTraversal:
    """Read the relations of these entities, each statement once."""
    walk = (
        reach(g, project_id, [entity_vertex(project_id, key) for key in keys]).both_e(RELATION).has(PROJECT, project_id)
    )
    if as_of is not None:
        at = long(to_micros(as_of))
        walk = walk.has(VALID_FROM, P.lte(at)).has(VALID_TO, P.gt(at))
    return (
        walk.limit(RELATIONS_READ)
        .dedup()
        .by(STATEMENT)
        .order()
        .by(STATEMENT)
        .limit(limit)
        .value_map(SOURCE, TYPE, TARGET, VALID_FROM, VALID_TO)
    )


def edges_of_entity(project_id: ProjectId, key: str, *, limit: int) -> GraphTraversal:
    """Read some edges of an entity: their ids, and the vertices they join."""
    edges = reach(g, project_id, [entity_vertex(project_id, key)]).both_e().has(PROJECT, project_id)
    return _with_ends(edges.limit(limit))


def relations_of(project_id: ProjectId, memory_ids: Collection[MemoryId], *, limit: int) -> GraphTraversal:
    """Read the same of some relations that these memories state, whether they are there themselves or not."""
    edges = _relations(project_id).has(MEMORY, P.within(list(memory_ids)))
    return _with_ends(edges.limit(limit))


def _relations(project_id: ProjectId) -> GraphTraversal:
    return g.E().has(PROJECT, project_id).has_label(RELATION)


def _with_ends(edges: GraphTraversal) -> GraphTraversal:
    return edges.project("edge", "out", "in").by(T.id).by(__.out_v().id_()).by(__.in_v().id_())


def memories(project_id: ProjectId, memory_ids: Collection[MemoryId]) -> GraphTraversal:
    """Read what is shown of these memories, by vertex."""
    walk = reach(g, project_id, [memory_vertex(project_id, memory_id) for memory_id in memory_ids])
    return _contents(walk, project_id, T.id)


def memories_behind(project_id: ProjectId, after: str, *, limit: int) -> GraphTraversal:
    """Read what is shown of all memories, by id, from behind one id on."""
    found = g.V().has(PROJECT, project_id).has_label(MEMORY).has(MEMORY, P.gt(after))
    return _contents(found.order().by(MEMORY).limit(limit), project_id, MEMORY)


def _contents(walk: GraphTraversal, project_id: ProjectId, name: object) -> GraphTraversal:
    mentioned = __.out_e(MENTIONS).has(PROJECT, project_id).count()
    return walk.project(MEMORY, VERSION, MENTIONS).by(name).by(VERSION).by(mentioned)


def relation_counts(project_id: ProjectId, memory_ids: Collection[MemoryId]) -> GraphTraversal:
    """Count the relations that stand by memory."""
    return _relations(project_id).has(MEMORY, P.within(list(memory_ids))).group_count().by(MEMORY)


def speakers_behind(project_id: ProjectId, after: str, *, limit: int) -> GraphTraversal:
    """Name the memories by which any relation stands, by id, from behind one id on."""
    return _relations(project_id).has(MEMORY, P.gt(after)).values(MEMORY).dedup().order().limit(limit)


def drop_edges(project_id: ProjectId, edge_ids: Sequence[str]) -> GraphTraversal:
    """Remove edges."""
    return g.E(*edge_ids).has(PROJECT, project_id).drop()


def without_orphans(walk: GraphTraversal, project_id: ProjectId, vertices: Collection[str]) -> GraphTraversal:
    """Remove entities without edges among these vertices, after what `walk` does and in the same transaction."""
    return reach(walk.fold(), project_id, sorted(vertices)).has_label(ENTITY).not_(__.both_e()).drop()


def some_edges(project_id: ProjectId, *, limit: int) -> GraphTraversal:
    """Name some edges of a project."""
    return g.E().has(PROJECT, project_id).limit(limit).id_()


def some_vertices(project_id: ProjectId, *, limit: int) -> GraphTraversal:
    """Name some vertices of a project."""
    return g.V().has(PROJECT, project_id).limit(limit).id_()


def drop_vertices(project_id: ProjectId, vertices: Sequence[str]) -> GraphTraversal:
    """Remove vertices with what edges they have."""
    return reach(g, project_id, vertices).drop()
