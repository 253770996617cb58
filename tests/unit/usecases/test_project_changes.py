"""Index and graph follow the truth, whatever they are told of, however late and in whatever order."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.builders import PROJECT, a_memory, ids_of, owned_by
from support.clocks import START
from support.faults import CountedCalls, FailingStore
from support.graph_stores import sqlite_graph
from support.house import House
from support.mirrors import MirroredIndex

from ricordo.domain.errors import ProjectionError, UnavailableError
from ricordo.domain.graph import Entity
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import Memory, MemoryPatch, bury, revise
from ricordo.ports.graph_store import GraphStore
from ricordo.usecases.project_changes import project_to_graph, project_to_index

ANA = (Entity("Ana"),)


@dataclass(frozen=True, slots=True)
class Projections:
    """A truth, and an index and a graph that know only what they are told."""

    house: House
    index: MirroredIndex
    graph: GraphStore

    def store(self, *texts: str) -> list[Memory]:
        """Store memories in the truth alone."""
        memories = [a_memory(text, entities=ANA) for text in texts]
        self.house.stores.memories.insert(memories)
        return memories

    def tell(self, changed: dict[MemoryId, int], **parts: Any) -> None:
        """Tell index and graph that something changed."""
        feed = parts.get("feed", self.house.stores.feed)
        index, graph = parts.get("index", self.index), parts.get("graph", self.graph)
        project_to_index(changed, project_id=PROJECT, feed=feed, index=index, clock=self.house.clock, visible_after_s=1)
        project_to_graph(changed, project_id=PROJECT, feed=feed, graph=graph)

    def shown(self) -> tuple[dict[MemoryId, int], set[MemoryId]]:
        """Return what index and graph show."""
        return self.index.held(PROJECT), set(self.graph.mentions(PROJECT, ["ana"], limit=99))


class Refusing:
    """An engine that takes all but one memory."""

    def __init__(self, engine: Any, refused: MemoryId) -> None:
        self._engine = engine
        self._refused = refused

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def upsert(self, memories: Sequence[Memory]) -> None:
        """Take what is not refused."""
        self._engine.upsert([memory for memory in memories if memory.memory_id != self._refused])
        if any(memory.memory_id == self._refused for memory in memories):
            raise ProjectionError("refused", frozenset([self._refused]))


@pytest.fixture
def projections(house: House, tmp_path: Path) -> Iterator[Projections]:
    """A truth in SQLite with empty projections beside it."""
    with closing(MirroredIndex(tmp_path)) as index, sqlite_graph(tmp_path / "graph.db") as graph:
        yield Projections(house, index, graph)


def test_what_stands_is_shown_and_nothing_else(projections: Projections) -> None:
    """Live memories are shown; deleted, hidden, purged and unknown ones are not."""
    memories = projections.store("stays", "changes", "is deleted", "is purged")
    stays, changes, deleted, purged = ids_of(memories)
    store = projections.house.stores.memories
    projections.tell(dict.fromkeys(ids_of(memories), 1))
    assert projections.shown() == (dict.fromkeys(ids_of(memories), 1), set(ids_of(memories)))
    store.replace(bury(memories[3], now=START), expected_version=1)
    store.purge(PROJECT, older_than=memories[3].accepted_at)
    store.replace(replace(revise(memories[1], MemoryPatch(text="new"), now=START), entities=ANA), expected_version=1)
    store.replace(bury(memories[2], now=START), expected_version=1)

    projections.tell({stays: 1, changes: 2, deleted: 2, purged: 2, MemoryId("unknown"): 7})

    assert projections.shown() == ({stays: 1, changes: 2}, {stays, changes})
    store.hide(PROJECT, owned_by())
    projections.tell({stays: 1, changes: 2})
    assert projections.shown() == ({}, set())


def test_what_is_told_late_changes_nothing(projections: Projections) -> None:
    """A record of an earlier version finds the truth as it is now."""
    (memory,) = projections.store("old")
    newer = replace(revise(memory, MemoryPatch(text="new"), now=START), entities=ANA)
    projections.house.stores.memories.replace(newer, expected_version=1)

    for version in (2, 1, 1):
        projections.tell({memory.memory_id: version})
        assert projections.shown() == ({memory.memory_id: 2}, {memory.memory_id})


def test_what_the_index_refuses_is_not_settled(projections: Projections) -> None:
    """The others are written and settled, and the refusal is raised afterwards."""
    memories = projections.store("taken", "refused")
    taken, refused = ids_of(memories)
    settled: list[Any] = []

    class Feed:
        """Notes what is settled."""

        def __getattr__(self, name: str) -> Any:
            return getattr(projections.house.stores.feed, name)

        def settle(self, _project_id: str, versions: dict[MemoryId, int], **_times: Any) -> None:
            settled.append(versions)

    with pytest.raises(ProjectionError) as told:
        projections.tell({taken: 1, refused: 1}, feed=Feed(), index=Refusing(projections.index, refused))

    assert told.value.memory_ids == {refused}
    assert settled == [{taken: 1}]
    assert projections.index.held(PROJECT) == {taken: 1}


def test_what_the_graph_refuses_keeps_nothing_else_from_going(projections: Projections) -> None:
    """A memory that is gone for good is forgotten even if another one in the batch is refused."""
    gone, refused = ids_of([*[a_memory("gone", entities=ANA)], *projections.store("refused")])
    projections.graph.upsert([a_memory("gone", memory_id=gone, entities=ANA)])

    with pytest.raises(ProjectionError):
        projections.tell({gone: 1, refused: 1}, graph=Refusing(projections.graph, refused))

    assert projections.shown()[1] == set()


def test_with_the_index_down_nothing_is_settled(projections: Projections) -> None:
    """The fault is raised, so that the records come again."""
    (memory,) = projections.store("text")
    calls = CountedCalls()
    down = FailingStore(projections.index, UnavailableError("down"))

    with pytest.raises(UnavailableError):
        projections.tell({memory.memory_id: 1}, feed=calls.of(projections.house.stores.feed), index=down)

    assert calls.names == ["standing"]
