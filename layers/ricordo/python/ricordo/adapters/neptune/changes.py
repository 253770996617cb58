"""How the graph is changed to what a memory says, when others may be changing it too.

A change takes three steps, each a transaction or a few: `claim` puts the change's stamp on the memory's vertex,
unless a later version is there; `standing` reads what the graph shows of memories with that stamp; `say` and `unsay`
write the difference, as long as the stamp stands. A later change thus stops an earlier one wherever it is, and
reads what that one has done; one that breaks off is completed by its repetition.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from gremlin_python.process.graph_traversal import GraphTraversal, __
from gremlin_python.process.traversal import Cardinality, Direction, Merge, P, T
from gremlin_python.statics import long

from ricordo.adapters.neptune.elements import (
    ENTITY,
    MEMORY,
    MENTIONS,
    PROJECT,
    RELATION,
    STAMP,
    STATES,
    VERSION,
    Edge,
    Link,
)
from ricordo.adapters.neptune.traversals import g, reach, without_orphans
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Memory


def claim(project_id: ProjectId, memories: Mapping[str, Memory], stamp: str) -> GraphTraversal:
    """Stamp memories by vertex, made if they are not there, except those of which a later version is there."""
    walk = g
    for vertex, memory in memories.items():
        walk = (
            _go_on(walk)
            .merge_v({T.id: vertex, PROJECT: project_id})
            .option(Merge.on_create, {T.label: MEMORY})
            .not_(__.has(VERSION, P.gt(long(memory.version))))
            .property(Cardinality.single, MEMORY, memory.memory_id)
            .property(Cardinality.single, VERSION, long(memory.version))
            .property(Cardinality.single, STAMP, stamp)
        )
    return walk.id_()


def hold(project_id: ProjectId, vertices: Collection[str], stamp: str) -> GraphTraversal:
    """Stamp those of these memories that are there, of whatever version."""
    return reach(g, project_id, vertices).property(Cardinality.single, STAMP, stamp).id_()


def standing(project_id: ProjectId, vertices: Collection[str], stamp: str) -> GraphTraversal:
    """Read what the graph shows of those of these memories that have the stamp."""
    return (
        reach(g, project_id, vertices)
        .has(STAMP, stamp)
        .project(MEMORY, MENTIONS, STATES)
        .by(T.id)
        .by(__.out_e(MENTIONS).has(PROJECT, project_id).in_v().id_().fold())
        .by(__.values(STATES).fold())
    )


def links_from(fields: Mapping[str, Any]) -> Mapping[str, Link]:
    """Read what `standing` yields of one memory, by edge id."""
    mentioned = [Link.mention(fields[MEMORY], entity) for entity in fields[MENTIONS]]
    return {link.edge_id: link for link in [*mentioned, *map(Link.read, fields[STATES])]}


def say(project_id: ProjectId, edges: Iterable[tuple[str, Edge]], stamp: str) -> GraphTraversal:
    """Write edges, each with the vertex of the memory that says so, where the stamp still stands."""
    walk = g
    for memory, group in groupby(edges, key=itemgetter(0)):
        said = [edge for _, edge in group]
        walk = _stamped(walk, project_id, memory, stamp)
        for edge in said:
            if edge.link.label == RELATION:
                walk = walk.property(Cardinality.set_, STATES, edge.link.spelled)
        ends = {vertex for edge in said for vertex in (edge.link.source, edge.link.target)}
        for vertex in sorted(ends - {memory}):
            walk = walk.merge_v({T.id: vertex, PROJECT: project_id}).option(Merge.on_create, {T.label: ENTITY})
        for edge in said:
            walk = _merge_edge(walk, project_id, edge)
    return walk.id_()


def _merge_edge(walk: GraphTraversal, project_id: ProjectId, edge: Edge) -> GraphTraversal:
    link = edge.link
    properties = {key: long(said) if isinstance(said, int) else said for key, said in edge.properties.items()}
    joined = {T.label: link.label, Direction.OUT: link.source, Direction.IN: link.target}
    return (
        walk.merge_e({T.id: link.edge_id, PROJECT: project_id})
        .option(Merge.on_create, joined | properties)
        .option(Merge.on_match, properties)
    )


def unsay(project_id: ProjectId, links: Iterable[tuple[str, Link]], stamp: str) -> GraphTraversal:
    """Remove edges, each with the vertex of the memory that said so, where the stamp still stands."""
    walk, ends = g, set[str]()
    for memory, group in groupby(links, key=itemgetter(0)):
        unsaid = [link for _, link in group]
        ends |= {vertex for link in unsaid for vertex in (link.source, link.target)}
        sources = sorted({link.source for link in unsaid})
        walk = (
            _stamped(walk, project_id, memory, stamp)
            .side_effect(
                reach(__, project_id, sources)
                .out_e()
                .has(PROJECT, project_id)
                .has_id(P.within([link.edge_id for link in unsaid]))
                .drop()
            )
            .side_effect(__.properties(STATES).has_value(P.within([link.spelled for link in unsaid])).drop())
        )
    return without_orphans(walk, project_id, ends)


def drop_memories(project_id: ProjectId, vertices: Collection[str], stamp: str) -> GraphTraversal:
    """Remove memories that have the stamp."""
    return reach(g, project_id, vertices).has(STAMP, stamp).drop()


def _stamped(walk: Any, project_id: ProjectId, memory: str, stamp: str) -> GraphTraversal:
    """Go on at a memory if it has the stamp; putting it on again makes two that do so at once conflict."""
    held = reach(_go_on(walk), project_id, [memory]).has(STAMP, stamp)
    return held.property(Cardinality.single, STAMP, stamp)


def _go_on(walk: Any) -> Any:
    """Let what comes next happen once, however many results, if any, what came before has."""
    return walk if walk is g else walk.fold()
