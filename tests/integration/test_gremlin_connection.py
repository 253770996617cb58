"""A connection to servers that behave badly: none keeps a caller waiting, and none leaves anything behind."""

import gc
import logging
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from aiohttp import WSCloseCode, WSMsgType, web
from support.web_socket_server import Handler, web_socket_server

from ricordo.adapters.neptune.connection import Connection
from ricordo.adapters.neptune.errors import ConnectionLostError, HandshakeRefusedError
from ricordo.adapters.neptune.graph_store import NeptuneGraphStore, open_graph_store
from ricordo.adapters.neptune.traversals import g
from ricordo.domain.errors import UnavailableError
from ricordo.domain.ids import ProjectId

BYTECODE = g.inject("a name").bytecode


async def accepted(request: web.Request) -> web.WebSocketResponse:
    """Shake hands."""
    connection = web.WebSocketResponse(timeout=0.1)
    await connection.prepare(request)
    return connection


async def hangs(request: web.Request) -> web.StreamResponse:
    """Take every question and answer none."""
    connection = await accepted(request)
    async for _ in connection:
        pass
    return connection


async def hangs_up(request: web.Request) -> web.StreamResponse:
    """End the connection at the first question, in good order."""
    connection = await accepted(request)
    await connection.receive()
    await connection.close(code=WSCloseCode.GOING_AWAY)
    return connection


async def breaks_off(request: web.Request) -> web.StreamResponse:
    """End the connection at the first question, as a crash would."""
    connection = await accepted(request)
    await connection.receive()
    assert request.transport is not None
    request.transport.abort()
    return connection


async def talks_text(request: web.Request) -> web.StreamResponse:
    """Answer with what is no Gremlin."""
    connection = await accepted(request)
    async for message in connection:
        assert message.type is WSMsgType.BINARY
        await connection.send_str("a name")
    return connection


async def forbids(_request: web.Request) -> web.StreamResponse:
    """Refuse the handshake."""
    return web.Response(status=403, text="a name")


@contextmanager
def connected(handler: Handler, timeout_s: float = 5.0) -> Iterator[Connection]:
    """Connect to a server that behaves so."""
    with web_socket_server(handler) as url, closing(Connection(url, {}, timeout_s=timeout_s)) as connection:
        yield connection


@contextmanager
def silent_server() -> Iterator[str]:
    """Listen, accept nothing and say nothing, not even in the handshake."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/gremlin"


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """After a test no thread is left, and no socket or loop is left open: that would be a warning, so an error."""
    threads = threading.active_count()
    yield
    gc.collect()
    assert threading.active_count() <= threads


def test_a_hung_server_is_not_waited_for() -> None:
    """The time limit holds, and closing does not wait either."""
    with connected(hangs) as connection:
        began = time.monotonic()

        with pytest.raises(TimeoutError):
            connection.ask(BYTECODE, timeout_s=0.1)

        connection.close()
        assert time.monotonic() - began < 1.0


def test_a_server_that_does_not_even_shake_hands_is_not_waited_for() -> None:
    """The time limit holds for the handshake too."""
    with silent_server() as url:
        began = time.monotonic()

        with pytest.raises(TimeoutError):
            Connection(url, {}, timeout_s=0.1)

        assert time.monotonic() - began < 1.0


@pytest.mark.parametrize("handler", [hangs_up, breaks_off, talks_text], ids=lambda handler: handler.__name__)
def test_a_server_that_goes_away_is_a_lost_connection(handler: Handler) -> None:
    """However the connection ends, and where what comes is no answer."""
    with connected(handler) as connection, pytest.raises(ConnectionLostError):
        connection.ask(BYTECODE, timeout_s=5)


def test_a_connection_that_ended_while_idle_is_lost() -> None:
    """What happened while nobody listened shows at the next question."""
    gone = threading.Event()

    async def leaves(request: web.Request) -> web.StreamResponse:
        connection = await accepted(request)
        await connection.close()
        gone.set()
        return connection

    with connected(leaves) as connection:
        assert gone.wait(15)
        with pytest.raises(ConnectionLostError):
            connection.ask(BYTECODE, timeout_s=5)


def test_a_refused_handshake_is_told_by_its_status_and_shows_no_secret() -> None:
    """What was signed is in nothing that could be printed."""
    headers = {"Authorization": "signed " * 2}
    with web_socket_server(forbids) as url, pytest.raises(HandshakeRefusedError) as caught:
        Connection(url, headers, timeout_s=5)

    assert caught.value.status == 403
    printed = "".join(traceback.format_exception(caught.value))
    assert headers["Authorization"] not in printed
    assert "a name" not in printed


def test_nobody_listening_is_told_at_once() -> None:
    """A refused connection is an error of the operating system."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(OSError, match="Connect"):
        Connection(f"ws://127.0.0.1:{port}/gremlin", {}, timeout_s=5)


def test_closing_twice_is_fine() -> None:
    """Whoever has a connection may close it."""
    with connected(hangs) as connection:
        connection.close()
        connection.close()


@pytest.mark.parametrize("handler", [hangs, hangs_up, breaks_off, talks_text, forbids], ids=lambda one: one.__name__)
def test_to_the_store_each_of_them_is_unavailable(handler: Handler, caplog: pytest.LogCaptureFixture) -> None:
    """A read ends within its limit, and no name gets into the log."""
    caplog.set_level(logging.DEBUG)
    with web_socket_server(handler) as url, closing(open_graph_store(url, read_timeout_s=0.3)) as store:
        began = time.monotonic()
        for read in reads(store):
            with pytest.raises(UnavailableError):
                read()
        assert time.monotonic() - began < 3 * 1.0

    assert "a name" not in caplog.text


def reads(store: NeptuneGraphStore) -> list:  # type: ignore[type-arg]
    """Return the ways to read."""
    project = ProjectId("p")
    return [
        lambda: store.mentions(project, ["a name"], limit=1),
        lambda: store.entities(project, "a name"),  # type: ignore[arg-type]
        lambda: store.neighbourhood(project, "a name", hops=2, limit=1),
    ]


def test_one_deadline_holds_for_all_traversals_of_a_read() -> None:
    """A search over many keys does not wait for each batch of them anew."""
    with web_socket_server(hangs) as url, closing(open_graph_store(url, read_timeout_s=0.2)) as store:
        began = time.monotonic()
        with pytest.raises(UnavailableError):
            store.mentions(ProjectId("p"), [f"key {number}" for number in range(20_000)], limit=1)

    assert time.monotonic() - began < 2.0
