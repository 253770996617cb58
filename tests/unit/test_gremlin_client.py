"""How traversals find a connection: kept, replaced, shared, given up in time."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ricordo.adapters.neptune import client as module
from ricordo.adapters.neptune.client import GremlinClient
from ricordo.adapters.neptune.errors import ConnectionLostError, TraversalRefusedError
from ricordo.adapters.neptune.traversals import g

TRAVERSAL = g.inject(1)
Answer = Callable[[], list[Any]]


def yielding(*yielded: object) -> Answer:
    """Answer."""
    return lambda: list(yielded)


def failing(error: BaseException) -> Answer:
    """Fail."""

    def fail() -> list[Any]:
        raise error

    return fail


class Wire:
    """A server that answers as scripted, and the connections to it."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.opened: list[WireEnd] = []
        self.refusal: BaseException | None = None
        self.timeouts_s: list[float] = []

    def open(self, timeout_s: float) -> Any:
        self.timeouts_s.append(timeout_s)
        if self.refusal is not None:
            raise self.refusal
        self.opened.append(WireEnd(self))
        return self.opened[-1]

    @property
    def open_ends(self) -> int:
        """Connections that are not closed."""
        return sum(not end.is_closed for end in self.opened)


class WireEnd:
    """One connection."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.asked = 0
        self.is_closed = False

    def ask(self, _bytecode: object, *, timeout_s: float) -> list[Any]:
        assert not self.is_closed
        self._wire.timeouts_s.append(timeout_s)
        self.asked += 1
        return self._wire.answers.pop(0)()

    def close(self) -> None:
        self.is_closed = True


def run(client: GremlinClient, within_s: float = 5.0) -> list[Any]:
    """Run some traversal."""
    return client.run(TRAVERSAL, deadline=time.monotonic() + within_s)


def test_a_connection_opens_when_needed_and_is_kept() -> None:
    """Nothing is opened before the first traversal; the second one uses the same connection."""
    wire = Wire(yielding(1), yielding(2))
    client = GremlinClient(wire.open, connections=2)
    assert wire.opened == []

    assert run(client) == [1]
    assert run(client) == [2]

    assert [end.asked for end in wire.opened] == [2]


def test_a_lost_connection_is_replaced_once() -> None:
    """A traversal whose connection was lost runs over a new one."""
    wire = Wire(yielding(1), failing(ConnectionLostError()), yielding(2))
    client = GremlinClient(wire.open, connections=1)
    run(client)

    assert run(client) == [2]

    assert [end.is_closed for end in wire.opened] == [True, False]


def test_a_server_that_keeps_hanging_up_is_not_asked_for_ever() -> None:
    """The second loss is final, and leaves no connection open."""
    wire = Wire(failing(ConnectionLostError()), failing(ConnectionLostError()), yielding(1))
    client = GremlinClient(wire.open, connections=1)

    with pytest.raises(ConnectionLostError):
        run(client)

    assert wire.open_ends == 0
    assert run(client) == [1]


def test_a_loss_lets_the_other_idle_connections_go() -> None:
    """They lead to the same server that went away."""
    wire = Wire()
    client = GremlinClient(wire.open, connections=2)
    both = threading.Barrier(2)
    wire.answers = [lambda: [both.wait(5)], lambda: [both.wait(5)], failing(ConnectionLostError()), yielding(1)]
    threads = [threading.Thread(target=run, args=(client,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wire.open_ends == 2

    run(client)

    assert (len(wire.opened), wire.open_ends) == (3, 1)


def test_a_server_that_cannot_be_reached_is_not_tried_twice() -> None:
    """A refused connection is an answer."""
    wire = Wire()
    wire.refusal = ConnectionRefusedError()
    client = GremlinClient(wire.open, connections=1)

    with pytest.raises(ConnectionRefusedError):
        run(client)

    assert len(wire.timeouts_s) == 1


@pytest.mark.parametrize("code", ["ReadOnlyViolationException", "ServerShutdownException"])
def test_after_a_failover_the_traversal_goes_to_the_new_writer(code: str) -> None:
    """A server that takes no writes any more is left for the one the name leads to now."""
    wire = Wire(failing(TraversalRefusedError(code)), yielding(1))
    client = GremlinClient(wire.open, connections=1)

    assert run(client) == [1]

    assert [end.is_closed for end in wire.opened] == [True, False]


@pytest.mark.parametrize("code", ["ConcurrentModificationException", "TransactionException"])
def test_a_conflict_is_tried_again_over_the_same_connection(code: str) -> None:
    """Where another transaction was faster, this one is the next."""
    wire = Wire(*[failing(TraversalRefusedError(code))] * 5, yielding(1))
    client = GremlinClient(wire.open, connections=1)

    assert run(client, within_s=60) == [1]

    assert [end.asked for end in wire.opened] == [6]


def test_conflicts_without_end_are_given_up_in_time() -> None:
    """At the deadline the conflict itself is the answer, and no pause outlasts it."""
    wire = Wire(*[failing(TraversalRefusedError("TransactionException"))] * 1000)
    began = time.monotonic()

    with pytest.raises(TraversalRefusedError):
        run(GremlinClient(wire.open, connections=1), within_s=0.3)

    assert time.monotonic() - began < 0.35
    assert wire.opened[0].asked > 2


def test_another_refusal_is_final_and_the_connection_stays() -> None:
    """The server is well; it did not like the traversal."""
    wire = Wire(failing(TraversalRefusedError("MalformedQueryException")), yielding(1))
    client = GremlinClient(wire.open, connections=1)

    with pytest.raises(TraversalRefusedError):
        run(client)

    assert run(client) == [1]
    assert len(wire.opened) == 1


@pytest.mark.parametrize("error", [TimeoutError(), KeyboardInterrupt()], ids=["timeout", "interrupt"])
def test_a_connection_with_an_answer_still_to_come_is_not_used_again(error: BaseException) -> None:
    """What was not waited for must not become the answer to the next question."""
    wire = Wire(failing(error), yielding(1))
    client = GremlinClient(wire.open, connections=1)

    with pytest.raises(type(error)):
        run(client)

    assert [end.is_closed for end in wire.opened] == [True]
    assert run(client) == [1]


@pytest.mark.parametrize("shift_s", [301.0, -1.0])
def test_a_connection_that_was_silent_for_long_is_replaced(monkeypatch: pytest.MonkeyPatch, shift_s: float) -> None:
    """After a freeze nobody knows what has become of it; nor where the clock was set back."""
    wire = Wire(yielding(1), yielding(2))
    client = GremlinClient(wire.open, connections=1, idle_s=300)
    run(client)
    later = time.time() + shift_s
    monkeypatch.setattr(module.time, "time", lambda: later)

    assert run(client) == [2]

    assert [end.is_closed for end in wire.opened] == [True, False]


def test_there_are_never_more_connections_than_allowed() -> None:
    """Threads wait for each other's connections."""
    at_work, most = [0], [0]
    lock = threading.Lock()

    def work() -> list[Any]:
        with lock:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
        time.sleep(0.005)
        with lock:
            at_work[0] -= 1
        return []

    wire = Wire(*[work] * 40)
    client = GremlinClient(wire.open, connections=3)
    threads = [threading.Thread(target=lambda: [run(client) for _ in range(5)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most[0] <= 3
    assert len(wire.opened) <= 3
    assert sum(end.asked for end in wire.opened) == 40


def test_waiting_for_a_connection_ends_at_the_deadline() -> None:
    """A traversal that gets none in time says so, and takes none away."""
    release, taken = threading.Event(), threading.Event()

    def hold() -> list[Any]:
        taken.set()
        release.wait(5)
        return []

    wire = Wire(hold, yielding(1))
    client = GremlinClient(wire.open, connections=1)
    thread = threading.Thread(target=run, args=(client,))
    thread.start()
    taken.wait(5)

    with pytest.raises(TimeoutError):
        run(client, within_s=0.05)

    release.set()
    thread.join()
    assert run(client) == [1]


def test_the_time_left_is_what_a_connection_is_given() -> None:
    """Opening and asking share one deadline."""
    wire = Wire(failing(ConnectionLostError()), yielding(1))
    run(GremlinClient(wire.open, connections=1), within_s=3)

    assert len(wire.timeouts_s) == 4
    assert all(0 < timeout_s <= 3 for timeout_s in wire.timeouts_s)
    assert wire.timeouts_s == sorted(wire.timeouts_s, reverse=True)


def test_closing_lets_all_connections_go() -> None:
    """Idle ones at once, one in use when it comes back; closing twice is fine."""
    wire = Wire(yielding(1))
    client = GremlinClient(wire.open, connections=2)
    run(client)
    wire.answers = [lambda: [client.close()]]

    run(client)

    assert wire.open_ends == 0
    client.close()
