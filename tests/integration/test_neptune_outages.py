"""A real Gremlin server that is slow, restarts, goes away or stops answering, and a graph store over it."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from gremlin_python.process.graph_traversal import __
from support.builders import PROJECT, a_memory
from support.graph_stores import run

from engines import Engine, gremlin_server
from ricordo.adapters.neptune.connection import Connection
from ricordo.adapters.neptune.errors import TraversalRefusedError
from ricordo.adapters.neptune.graph_store import NeptuneGraphStore, open_graph_store
from ricordo.adapters.neptune.traversals import g
from ricordo.domain.errors import UnavailableError
from ricordo.domain.graph import Entity
from ricordo.domain.ids import MemoryId

pytestmark = pytest.mark.engines

ANA = Entity("Ana")
CALLS: list[Callable[[NeptuneGraphStore], object]] = [
    lambda graph: graph.upsert([a_memory(entities=(ANA,))]),
    lambda graph: graph.mentions(PROJECT, ["ana"], limit=5),
    lambda graph: graph.entities(PROJECT, MemoryId("m")),
    lambda graph: graph.neighbourhood(PROJECT, "ana", hops=2, limit=5),
    lambda graph: graph.forget(PROJECT, [MemoryId("m")]),
    lambda graph: graph.forget_entity(PROJECT, "ana"),
    lambda graph: graph.forget_project(PROJECT),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Engine]:
    """A server of these tests' own: they end it."""
    with gremlin_server() as engine:
        yield engine


@pytest.fixture
def store(server: Engine) -> Iterator[NeptuneGraphStore]:
    """A store on an empty graph."""
    run(server.url, g.V().drop())
    with closing(open_graph_store(server.url)) as opened:
        yield opened


def test_a_server_stops_what_takes_too_long_and_goes_on(server: Engine) -> None:
    """The time limit ends the work, not only the waiting, and what follows is answered over the same connection."""
    endless = g.inject("a name").repeat(__.identity()).until(__.is_("another"))
    connection = Connection(server.url, {}, timeout_s=5)
    with closing(connection):
        with pytest.raises(TraversalRefusedError) as caught:
            connection.ask(endless.bytecode, timeout_s=5)
        assert caught.value.code == "TraversalInterruptedException"
        assert connection.ask(g.inject(1).bytecode, timeout_s=5) == [1]


def test_a_server_s_words_are_not_repeated(server: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """What a refusal says of the data goes nowhere."""
    caplog.set_level("DEBUG")
    with pytest.raises(TraversalRefusedError) as caught:
        run(server.url, g.inject("a name").fail("a name"))

    assert caught.value.code == "FailStep$FailException"
    assert "a name" not in caplog.text


def test_a_long_answer_arrives_whole(server: Engine) -> None:
    """More than one frame's worth, and many equal results."""
    assert run(server.url, g.inject(*range(5_000))) == list(range(5_000))
    assert run(server.url, g.inject(*[7] * 300).barrier()) == [7] * 300
    assert run(server.url, g.inject(1).filter_(__.is_(2))) == []


def test_a_store_may_be_closed_and_used_again(server: Engine) -> None:
    """Closing gives connections back; whoever goes on gets one for each traversal."""
    store = open_graph_store(server.url)
    assert list(store.mentions(PROJECT, ["nobody"], limit=1)) == []
    store.close()
    assert list(store.mentions(PROJECT, ["nobody"], limit=1)) == []
    store.close()


def test_a_restart_is_not_noticed(store: NeptuneGraphStore, server: Engine) -> None:
    """Connections from before are replaced without a word."""
    memory = a_memory(entities=(ANA,))
    store.upsert([memory])
    assert list(store.mentions(PROJECT, ["ana"], limit=5)) == [memory.memory_id]

    server.kill()
    server.restart()

    assert list(store.mentions(PROJECT, ["ana"], limit=5)) == []
    store.upsert([memory])
    assert list(store.mentions(PROJECT, ["ana"], limit=5)) == [memory.memory_id]


def test_a_server_that_is_down_is_unavailable_until_it_is_back(store: NeptuneGraphStore, server: Engine) -> None:
    """Every method says so at once, and works again afterwards."""
    server.kill()
    try:
        for call in CALLS:
            began = time.monotonic()
            with pytest.raises(UnavailableError):
                call(store)
            assert time.monotonic() - began < 1.0
    finally:
        server.restart()

    store.upsert([a_memory(entities=(ANA,))])
    assert len(store.mentions(PROJECT, ["ana"], limit=5)) == 1


def test_a_frozen_server_does_not_hold_up_a_search(store: NeptuneGraphStore, server: Engine) -> None:
    """A read ends at its limit, two seconds by default; once the server thaws it is asked again."""
    store.upsert([a_memory(entities=(ANA,))])
    os.kill(server.pid, signal.SIGSTOP)
    time.sleep(0.2)  # until its last thread stands
    try:
        began = time.monotonic()
        with pytest.raises(UnavailableError, match="in time"):
            store.mentions(PROJECT, ["ana"], limit=5)
        assert 1.9 < time.monotonic() - began < 3.0
    finally:
        os.kill(server.pid, signal.SIGCONT)

    assert len(store.mentions(PROJECT, ["ana"], limit=5)) == 1
