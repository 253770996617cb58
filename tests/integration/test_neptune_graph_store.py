"""The graph store over a real Gremlin server: rivals, erasure, tenants, and what breaks off."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace

import pytest
from gremlin_python.process.traversal import Cardinality
from support.builders import OTHER_PROJECT, PROJECT, a_memory
from support.clocks import START
from support.faults import CountedCalls, Crash
from support.graph_stores import run
from support.gremlin_conditions import ClientDouble, without_conditions

from engines import Engine, gremlin_server
from ricordo.adapters.neptune import client as client_module
from ricordo.adapters.neptune.client import GremlinClient
from ricordo.adapters.neptune.connection import Connection
from ricordo.adapters.neptune.graph_store import NeptuneGraphStore, open_graph_store
from ricordo.adapters.neptune.traversals import g
from ricordo.domain.errors import UnavailableError
from ricordo.domain.graph import Entity, Relation
from ricordo.domain.memory import bury

pytestmark = pytest.mark.engines

ANA, BO, LISBON = Entity("Ana"), Entity("Bo"), Entity("Lisbon")
LIVES = Relation("Ana", "lives_in", "Lisbon")
THREADS = 8


@pytest.fixture(scope="module")
def server() -> Iterator[Engine]:
    """A server whose transactions conflict, as Neptune's do."""
    with gremlin_server() as engine:
        yield engine


@pytest.fixture
def store(server: Engine) -> Iterator[NeptuneGraphStore]:
    """A store on an empty graph."""
    run(server.url, g.V().drop())
    with closing(open_graph_store(server.url)) as opened:
        yield opened


def everything(url: str) -> list[str]:
    """Return all that is in the graph."""
    return sorted(map(str, run(url, g.V().element_map()) + run(url, g.E().element_map())))


def in_threads(work: Callable[[int], None]) -> None:
    """Run `work(number)` in several threads."""
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(work, range(THREADS)))


def test_threads_that_write_the_same_entities_all_succeed(store: NeptuneGraphStore) -> None:
    """Conflicts are tried again until everything is there, once."""
    memories = [
        [
            a_memory(
                entities=(ANA, Entity(f"person {number}")), relations=(Relation("Ana", "met", f"person {number}"),)
            )
            for number in range(10)
        ]
        for _ in range(THREADS)
    ]

    in_threads(lambda thread: [store.upsert([memory]) for memory in memories[thread]] and None)

    ids = {memory.memory_id for some in memories for memory in some}
    assert set(store.mentions(PROJECT, ["ana"], limit=999)) == ids
    assert len(store.neighbourhood(PROJECT, "ana", hops=2, limit=999)) == 10
    for number in range(10):
        assert len(store.mentions(PROJECT, [f"person {number}"], limit=999)) == THREADS


def test_of_versions_written_at_once_the_latest_stands(store: NeptuneGraphStore, server: Engine) -> None:
    """Whatever order threads come in, the graph shows the last version and nothing of the others."""
    memories = [a_memory() for _ in range(4)]
    versions = [
        replace(
            memory,
            version=version,
            entities=(ANA, Entity(f"v{version}")),
            relations=(Relation("Ana", "said", f"v{version}"),),
        )
        for memory in memories
        for version in range(1, 13)
    ]
    random.Random(7).shuffle(versions)  # noqa: S311  any order does

    in_threads(
        lambda thread: store.upsert(versions[thread::THREADS][:3]) or store.upsert(versions[thread::THREADS][3:])
    )

    for memory in memories:
        assert list(store.entities(PROJECT, memory.memory_id)) == [ANA, Entity("v12")]
    assert list(store.neighbourhood(PROJECT, "ana", hops=2, limit=99)) == [Relation("Ana", "said", "v12")]
    assert run(server.url, g.V().has_label("entity").count()) == [2]


def test_forgetting_while_others_write_leaves_what_they_wrote(store: NeptuneGraphStore) -> None:
    """Each thread's last word about its own memory holds; shared entities stay whole."""
    store.upsert([a_memory(entities=(ANA, BO))])
    memories = [a_memory(entities=(ANA, BO), relations=(Relation("Ana", "knows", "Bo"),)) for _ in range(THREADS)]

    def write(thread: int) -> None:
        for _ in range(5):
            store.upsert([memories[thread]])
            store.forget(PROJECT, [memories[thread].memory_id])
        if thread % 2:
            store.upsert([memories[thread]])

    in_threads(write)

    left = {memory.memory_id for memory in memories[1::2]}
    assert left < set(store.mentions(PROJECT, ["ana"], limit=99))
    assert len(store.mentions(PROJECT, ["bo"], limit=99)) == len(left) + 1
    assert list(store.neighbourhood(PROJECT, "bo", hops=1, limit=9)) == [Relation("Ana", "knows", "Bo")]


def test_what_is_forgotten_leaves_nothing(store: NeptuneGraphStore, server: Engine) -> None:
    """No vertex, no edge, no name: by memory, by entity with what only it led to, by project."""
    memory = a_memory(entities=(ANA,), relations=(LIVES,))
    store.upsert([memory])
    store.upsert([replace(memory, version=2, entities=(BO,), relations=())])
    assert "Ana" not in "".join(everything(server.url))
    store.forget(PROJECT, [memory.memory_id])
    assert everything(server.url) == []

    store.upsert([memory])
    store.forget_entity(PROJECT, "ana")
    assert run(server.url, g.V().label()) == ["memory"]
    assert run(server.url, g.E().count()) == [0]

    store.upsert([memory, a_memory(entities=(BO,))])
    store.forget_project(PROJECT)
    assert everything(server.url) == []


def test_a_tombstone_is_a_number(store: NeptuneGraphStore, server: Engine) -> None:
    """What is kept of a buried memory is its id and its version."""
    memory = a_memory(entities=(ANA,), relations=(LIVES,))
    store.upsert([memory])

    store.upsert([bury(memory, now=START)])

    (vertex,) = run(server.url, g.V().value_map())
    assert set(vertex) == {"project", "memory", "version", "stamp"}
    assert vertex["version"] == [2]


MANY = tuple(Entity(f"person {number}") for number in range(40))
BEFORE = a_memory(entities=(ANA, LISBON), relations=(LIVES,))
AFTER = replace(BEFORE, version=2, entities=(BO, *MANY), relations=(Relation("Bo", "knows", "Ana"),))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("change", ["upsert", "forget"])
def test_a_change_that_broke_off_is_completed_by_its_repetition(
    store: NeptuneGraphStore, server: Engine, change: str, *, after: bool
) -> None:
    """Wherever the process ends, before or after each traversal, the graph is right once it was all done again."""
    client = GremlinClient(lambda timeout_s: Connection(server.url, {}, timeout_s=timeout_s), connections=1)
    done = {
        "upsert": lambda graph: graph.upsert([AFTER]),
        "forget": lambda graph: graph.forget(PROJECT, [BEFORE.memory_id]),
    }
    calls = CountedCalls()
    store.upsert([BEFORE])
    done[change](NeptuneGraphStore(calls.of(client)))
    with closing(client):
        for step in range(len(calls.names)):
            store.forget_project(PROJECT)
            store.upsert([BEFORE])
            with pytest.raises(Crash):
                done[change](NeptuneGraphStore(CountedCalls(step, after=after).of(client)))

            done[change](store)

            if change == "forget":
                assert everything(server.url) == []
                continue
            assert set(store.entities(PROJECT, BEFORE.memory_id)) == {BO, *MANY}
            assert list(store.neighbourhood(PROJECT, "ana", hops=2, limit=9)) == list(AFTER.relations)
            assert run(server.url, g.V().count()) == [1 + 2 + len(MANY)]


CALLS: dict[str, Callable[[NeptuneGraphStore], object]] = {
    "upsert": lambda graph: graph.upsert([a_memory(memory_id="m", entities=(ANA,), relations=(LIVES,), version=2)]),
    "mentions": lambda graph: graph.mentions(PROJECT, ["ana"], limit=5),
    "entities": lambda graph: graph.entities(PROJECT, "m"),  # type: ignore[arg-type]
    "neighbourhood": lambda graph: graph.neighbourhood(PROJECT, "ana", hops=2, limit=5),
    "forget": lambda graph: graph.forget(PROJECT, ["m"]),  # type: ignore[list-item]
    "forget_entity": lambda graph: graph.forget_entity(PROJECT, "ana"),
    "forget_project": lambda graph: graph.forget_project(PROJECT),
}


@pytest.fixture
def _foreign(store: NeptuneGraphStore, server: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the very ids of one project stands what is marked as another's."""
    monkeypatch.setattr(client_module, "CONFLICTS", frozenset())
    store.upsert([a_memory(memory_id="m", entities=(ANA, LISBON), relations=(LIVES,))])
    run(server.url, g.V().property(Cardinality.single, "project", OTHER_PROJECT))
    run(server.url, g.E().property("project", OTHER_PROJECT))


def leaves_alone(call: Callable[[NeptuneGraphStore], object], graph: NeptuneGraphStore, url: str) -> None:
    """Assert that a call for one project neither shows nor changes what is another's."""
    before = everything(url)
    shown: object = None
    with suppress(UnavailableError):
        shown = call(graph)
    assert not shown
    assert everything(url) == before


@pytest.mark.usefixtures("_foreign")
@pytest.mark.parametrize("method", CALLS)
def test_what_bears_another_mark_is_as_if_it_were_not_there(
    method: str, store: NeptuneGraphStore, server: Engine
) -> None:
    """Ids alone open nothing: each method keeps to elements with the project's mark."""
    leaves_alone(CALLS[method], store, server.url)


@pytest.mark.usefixtures("_foreign")
@pytest.mark.parametrize("method", CALLS)
def test_without_the_condition_the_other_project_would_be_open(method: str, server: Engine) -> None:
    """With the project taken out of its traversals, each method fails the test above."""
    client = GremlinClient(lambda timeout_s: Connection(server.url, {}, timeout_s=timeout_s), connections=1)
    mutated = NeptuneGraphStore(ClientDouble(client, without_conditions))  # type: ignore[arg-type]
    with closing(mutated), pytest.raises(AssertionError):
        leaves_alone(CALLS[method], mutated, server.url)
