import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, TypeVar
from uuid import uuid4

from gremlin_python.process.graph_traversal import GraphTraversal

from ricordo.adapters.neptune import changes, traversals
from ricordo.adapters.neptune.client import GremlinClient
from ricordo.adapters.neptune.connection import Connection
from ricordo.adapters.neptune.elements import (
    MEMORY,
    Link,
    edges_of,
    entity_from,
    entity_vertex,
    memory_vertex,
    relation_from,
)
from ricordo.adapters.neptune.errors import FINAL, TraversalRefusedError, translated
from ricordo.adapters.neptune.signing import signing, unsigned
from ricordo.domain.errors import ProjectionError
from ricordo.domain.graph import Entity, Relation
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory

# Neptune advises some 200 records (labels, properties) and at most 1,500 steps a request; TinkerPop's server runs
# out of stack above a thousand merges. https://docs.aws.amazon.com/neptune/latest/userguide/gremlin-efficient-upserts.html
MEMORIES_AT_ONCE: Final = 50
EDGES_AT_ONCE: Final = 25
DROPPED_AT_ONCE: Final = 250
KEYS_AT_ONCE: Final = 5_000

Item = TypeVar("Item")


class NeptuneGraphStore:
    """`ports.graph_store.GraphStore` over Gremlin, as Neptune speaks it."""

    def __init__(self, client: GremlinClient, *, read_timeout_s: float = 2.0, write_timeout_s: float = 30.0) -> None:
        """Take time limits: for each method that reads, and for each traversal of one that writes."""
        self._client = client
        self._read_timeout_s = read_timeout_s
        self._write_timeout_s = write_timeout_s

    @property
    def client(self) -> GremlinClient:
        """What its requests go through; closed with the store."""
        return self._client

    @translated()
    def upsert(self, memories: Sequence[Memory]) -> None:
        newest: dict[str, Memory] = {}
        for memory in sorted(memories, key=attrgetter("version")):
            newest[memory_vertex(memory.project_id, memory.memory_id)] = memory
        refused: frozenset[MemoryId] = frozenset()
        ordered = sorted(newest.values(), key=attrgetter("project_id"))
        for project_id, group in groupby(ordered, key=attrgetter("project_id")):
            for batch in in_batches(list(group), MEMORIES_AT_ONCE):
                refused |= self._upsert(project_id, batch)
        if refused:
            raise ProjectionError("The graph refused some memories.", refused)

    @translated()
    def mentions(self, project_id: ProjectId, entity_keys: Sequence[str], *, limit: int) -> Sequence[MemoryId]:
        read = self._reading()
        batches = list(in_batches(list(dict.fromkeys(entity_keys)), KEYS_AT_ONCE))
        counts: Counter[str] = Counter()
        for batch in batches:
            most = limit if len(batches) == 1 else traversals.MENTIONS_READ
            for counted in read(traversals.mentions(project_id, batch, limit=most)):
                counts.update(counted)
        return [MemoryId(name) for name, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:limit]]

    @translated()
    def entities(self, project_id: ProjectId, memory_id: MemoryId) -> Sequence[Entity]:
        found = self._reading()(traversals.entities(project_id, memory_id))
        return sorted(map(entity_from, found), key=attrgetter("key"))

    @translated()
    def neighbourhood(
        self, project_id: ProjectId, entity_key: str, *, hops: int, limit: int, as_of: datetime | None = None
    ) -> Sequence[Relation]:
        read = self._reading()
        found: dict[Relation, None] = {}
        frontier, seen = {entity_key}, {entity_key}
        for _ in range(hops):
            step = [
                relation_from(fields)
                for fields in read(traversals.relations(project_id, sorted(frontier), limit=limit, as_of=as_of))
            ]
            found.update(dict.fromkeys(step))
            ends = {Entity(name).key for relation in step for name in (relation.source, relation.target)}
            frontier, seen = ends - seen, seen | ends
            if not frontier or len(found) >= limit:
                break
        return list(found)[:limit]

    @translated()
    def forget(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> None:
        by_vertex = {memory_vertex(project_id, memory_id): memory_id for memory_id in memory_ids}
        for batch in in_batches(list(by_vertex), MEMORIES_AT_ONCE):
            stamp = uuid4().hex
            held = self._change(changes.hold(project_id, batch, stamp))
            shown = self._change(changes.standing(project_id, batch, stamp))
            said = {fields[MEMORY]: changes.links_from(fields) for fields in shown}
            self._unsay(project_id, [(memory, link) for memory in said for link in said[memory].values()], stamp)
            self._change(changes.drop_memories(project_id, batch, stamp))
            unheld = [by_vertex[vertex] for vertex in batch if vertex not in held]
            if unheld:
                self._drop_edges(project_id, traversals.relations_of(project_id, unheld, limit=DROPPED_AT_ONCE))

    @translated()
    def forget_entity(self, project_id: ProjectId, entity_key: str) -> None:
        self._drop_edges(project_id, traversals.edges_of_entity(project_id, entity_key, limit=DROPPED_AT_ONCE))
        self._change(traversals.drop_vertices(project_id, [entity_vertex(project_id, entity_key)]))

    @translated()
    def forget_project(self, project_id: ProjectId) -> None:
        while edges := self._change(traversals.some_edges(project_id, limit=DROPPED_AT_ONCE)):
            self._change(traversals.drop_edges(project_id, edges))
        while vertices := self._change(traversals.some_vertices(project_id, limit=DROPPED_AT_ONCE)):
            self._change(traversals.drop_vertices(project_id, vertices))

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def _upsert(self, project_id: ProjectId, memories: Sequence[Memory]) -> frozenset[MemoryId]:
        """Write memories of one project; return those the graph will never take."""
        try:
            self._write(project_id, memories)
        except TraversalRefusedError as error:
            if error.code not in FINAL:
                raise
            if len(memories) == 1:
                return frozenset({memories[0].memory_id})
            half = len(memories) // 2
            return self._upsert(project_id, memories[:half]) | self._upsert(project_id, memories[half:])
        return frozenset()

    def _write(self, project_id: ProjectId, memories: Sequence[Memory]) -> None:
        stamp = uuid4().hex
        by_vertex = {memory_vertex(project_id, memory.memory_id): memory for memory in memories}
        self._change(changes.claim(project_id, by_vertex, stamp))
        new, gone = [], []
        for fields in self._change(changes.standing(project_id, list(by_vertex), stamp)):
            vertex, shown = fields[MEMORY], changes.links_from(fields)
            edges = edges_of(by_vertex[vertex])
            new += [(vertex, edge) for edge in edges.values()]
            gone += [(vertex, link) for edge_id, link in shown.items() if edge_id not in edges]
        for batch in in_batches(new, EDGES_AT_ONCE):
            self._change(changes.say(project_id, batch, stamp))
        self._unsay(project_id, gone, stamp)

    def _unsay(self, project_id: ProjectId, links: Sequence[tuple[str, Link]], stamp: str) -> None:
        for batch in in_batches(links, DROPPED_AT_ONCE):
            self._change(changes.unsay(project_id, batch, stamp))

    def _drop_edges(self, project_id: ProjectId, some: GraphTraversal) -> None:
        """Remove edges, which `some` reads a few at a time, and entities that are left without any."""
        while edges := self._change(some):
            dropped = traversals.drop_edges(project_id, [edge["edge"] for edge in edges])
            ends = {edge[end] for edge in edges for end in ("out", "in")}
            self._change(traversals.without_orphans(dropped, project_id, ends))

    def _change(self, traversal: GraphTraversal) -> list[Any]:
        return self._client.run(traversal, deadline=time.monotonic() + self._write_timeout_s)

    def _reading(self) -> Callable[[GraphTraversal], list[Any]]:
        """Return what runs the traversals of one method that reads, all within its time limit."""
        return partial(self._client.run, deadline=time.monotonic() + self._read_timeout_s)


def open_graph_store(
    url: str, *, region: str | None = None, connections: int = 8, read_timeout_s: float = 2.0
) -> NeptuneGraphStore:
    """Make a store for the Gremlin server at a `ws` or `wss` URL; with a region, handshakes are signed for IAM.

    Nothing is opened before it is needed.
    """
    sign = signing(region) if region else unsigned
    client = GremlinClient(lambda timeout_s: Connection(url, sign(url), timeout_s=timeout_s), connections=connections)
    return NeptuneGraphStore(client, read_timeout_s=read_timeout_s)


def in_batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Cut what is too much for one request."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
