"""A memory store against the plainest model of one: whatever is done, in whatever order, both agree."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from support.builders import MODEL, OTHER_PROJECT, PROJECT, a_memory, a_vector, embedded
from support.clocks import START
from support.stores import Stores, sqlite_stores

from ricordo.domain.errors import MemoryNotFoundError, VersionConflictError
from ricordo.domain.filters import All, Expression, OwnedBy, matches
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import LifecycleState, Memory, MemoryPatch, bury, revise
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import OwnerType, Scope
from ricordo.ports.memory_store import Refused, Stored
from ricordo.ports.search_index import IndexQuery

Key = tuple[ProjectId, MemoryId]

projects = st.sampled_from([PROJECT, OTHER_PROJECT])
ids = st.sampled_from([MemoryId(f"m{number}") for number in range(4)])
texts = st.sampled_from(["tea", "milk", "tea and milk"])
scopes = st.sampled_from([Scope("ana"), Scope("bo"), Scope("ana", "chef")])
patterns: st.SearchStrategy[Expression] = st.sampled_from(
    [
        OwnedBy(OwnerType.USER, frozenset(["ana"])),
        All((OwnedBy(OwnerType.USER, frozenset(["ana"])), OwnedBy(OwnerType.AGENT, None))),
        All(),
    ]
)


@dataclass
class Row:
    """What the model knows of a memory."""

    memory: Memory
    versions: int = 1
    is_hidden: bool = False

    @property
    def is_live(self) -> bool:
        """Readers see it."""
        return not self.is_hidden and self.memory.state is not LifecycleState.DELETED


class MemoryStoreMachine(RuleBasedStateMachine):
    """Inserts, replaces, hides, removes and purges in two projects."""

    def __init__(self, open_stores: Callable[[], AbstractContextManager[Stores]]) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.stores = self._stack.enter_context(open_stores())
        self.rows: dict[Key, Row] = {}
        self.now = START

    def teardown(self) -> None:
        self._stack.close()

    def tick(self) -> None:
        """Let a second pass, so that all times differ."""
        self.now += timedelta(seconds=1)

    @rule(project=projects, memory_id=ids, text=texts, scope=scopes)
    def insert(self, project: ProjectId, memory_id: MemoryId, text: str, scope: Scope) -> None:
        """Insert a memory, new or known."""
        self.tick()
        memory = a_memory(
            text,
            project_id=project,
            memory_id=memory_id,
            scope=scope,
            accepted_at=self.now,
            embedding=embedded(0),
        )
        (outcome,) = self.stores.memories.insert([memory])
        known = self.rows.get((project, memory_id))
        if known is not None:
            assert isinstance(outcome, Stored) is known.is_live
        elif self.holds(memory):
            assert outcome == Refused("duplicate")
        else:
            assert isinstance(outcome, Stored)
            self.rows[project, memory_id] = Row(outcome.memory)

    def holds(self, memory: Memory) -> bool:
        """Say whether a live memory of the model has this text in this scope."""
        return any(
            row.is_live and project == memory.project_id
            and (row.memory.text, row.memory.scope) == (memory.text, memory.scope)
            for (project, _), row in self.rows.items()
        )  # fmt: skip

    @rule(project=projects, memory_id=ids, text=texts, lag=st.integers(0, 1))
    def update(self, project: ProjectId, memory_id: MemoryId, text: str, lag: int) -> None:
        """Write a new text over the version the model knows, or over the one before it."""
        self.tick()
        row = self.rows.get((project, memory_id))
        base = row.memory if row else a_memory(project_id=project, memory_id=memory_id)
        revised = revise(base, MemoryPatch(text=text), now=self.now)
        try:
            self.stores.memories.replace(revised, expected_version=base.version - lag)
        except MemoryNotFoundError:
            assert row is None or not row.is_live
        except VersionConflictError:
            assert lag
        else:
            assert row is not None
            assert row.is_live
            assert not lag
            row.memory, row.versions = revised, row.versions + 1

    @rule(project=projects, memory_id=ids)
    def delete(self, project: ProjectId, memory_id: MemoryId) -> None:
        """Bury a live memory."""
        self.tick()
        row = self.rows.get((project, memory_id))
        if row is not None and row.is_live:
            buried = bury(row.memory, now=self.now)
            self.stores.memories.replace(buried, expected_version=row.memory.version)
            row.memory, row.versions = buried, row.versions + 1

    @rule(project=projects, where=patterns)
    def hide(self, project: ProjectId, where: Expression) -> None:
        """Hide by owners."""
        reached = [
            row for (of, _), row in self.rows.items() if of == project and row.is_live and matches(where, row.memory)
        ]
        assert self.stores.memories.hide(project, where) == len(reached)
        for row in reached:
            row.is_hidden = True

    @rule(project=projects)
    def remove_hidden(self, project: ProjectId) -> None:
        """Turn everything hidden into tombstones."""
        self.tick()
        hidden = [
            row
            for (of, _), row in self.rows.items()
            if of == project and row.is_hidden and row.memory.state is not LifecycleState.DELETED
        ]
        assert self.stores.memories.remove_hidden(project, limit=100, now=self.now) == len(hidden)
        for row in hidden:
            row.memory, row.versions = bury(row.memory, now=self.now), row.versions + 1

    @rule(project=projects)
    def purge(self, project: ProjectId) -> None:
        """Remove all tombstones for good."""
        self.tick()
        ended = [
            key for key, row in self.rows.items() if key[0] == project and row.memory.state is LifecycleState.DELETED
        ]
        assert self.stores.memories.purge(project, older_than=self.now) == len(ended)
        for key in ended:
            del self.rows[key]

    @invariant()
    def both_show_the_same(self) -> None:
        """List, get and history agree with the model."""
        for project in (PROJECT, OTHER_PROJECT):
            live = {key[1]: row.memory for key, row in self.rows.items() if key[0] == project and row.is_live}
            newest_first = sorted(live.values(), key=lambda memory: memory.accepted_at, reverse=True)
            page = self.stores.memories.list(project, All(), PageRequest(1, 100))
            assert (list(page.items), page.total) == (newest_first, len(live))
            assert self.stores.memories.get(project, [MemoryId(f"m{n}") for n in range(4)]) == live
        for (project, memory_id), row in self.rows.items():
            assert len(self.stores.memories.versions(project, memory_id)) == row.versions


class SearchedMemoryStoreMachine(MemoryStoreMachine):
    """The same over a store whose index changes with it."""

    @invariant()
    def words_show_the_same(self) -> None:
        """Exactly the live memories that say a word are found by it."""
        for project in (PROJECT, OTHER_PROJECT):
            found = self.stores.index.nominate(IndexQuery(project, All(), None, MODEL, ("tea",), 10))
            assert set(found) == {
                memory_id
                for (of, memory_id), row in self.rows.items()
                if of == project and row.is_live and "tea" in row.memory.text
            }

    @invariant()
    def vectors_show_the_same(self) -> None:
        """Exactly the live memories that have a vector are near it."""
        for project in (PROJECT, OTHER_PROJECT):
            query = IndexQuery(project, All(), a_vector(0), MODEL, (), 10)
            assert set(self.stores.index.nominate(query)) == {
                memory_id
                for (of, memory_id), row in self.rows.items()
                if of == project and row.is_live and row.memory.embedding is not None
            }


def test_a_store_agrees_with_the_model(open_stores: Callable[[], AbstractContextManager[Stores]]) -> None:
    """Whatever is done to it, a store shows what the model shows."""
    run_state_machine_as_test(
        lambda: MemoryStoreMachine(open_stores),
        settings=settings(max_examples=8, stateful_step_count=20, deadline=None),
    )


def test_the_embedded_store_and_its_index_agree_with_the_model() -> None:
    """So does the store in a file, and its index with it."""

    @contextmanager
    def opened() -> Iterator[Stores]:
        with TemporaryDirectory() as folder, sqlite_stores(Path(folder) / "ricordo.db") as stores:
            yield stores

    run_state_machine_as_test(
        lambda: SearchedMemoryStoreMachine(opened),
        settings=settings(max_examples=40, stateful_step_count=25, deadline=None),
    )
