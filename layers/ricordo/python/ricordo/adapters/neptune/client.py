import random
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from gremlin_python.process.graph_traversal import GraphTraversal
from gremlin_python.process.traversal import Bytecode

from ricordo.adapters.neptune.connection import Connection
from ricordo.adapters.neptune.errors import CONFLICTS, MOVED, ConnectionLostError, TraversalRefusedError

# Network gear between a function and the server forgets connections that are silent for some minutes.
IDLE_S = 240.0
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 2.0

Open = Callable[[float], Connection]


class GremlinClient:
    """Runs traversals over a few connections, from any thread that has no event loop running.

    A connection opens when one is needed, and is replaced once it is lost: the server restarted, or the function
    that holds it was frozen for a while. A traversal that was under way then runs a second time, so all that change
    something are written to be repeatable.
    """

    def __init__(self, open_connection: Open, *, connections: int, idle_s: float = IDLE_S) -> None:
        self._open = open_connection
        self._idle_s = idle_s
        self._slots = threading.BoundedSemaphore(connections)
        self._idle: list[tuple[float, Connection]] = []
        self._lock = threading.Lock()
        self._is_closed = False
        weakref.finalize(self, _close_all, self._idle)  # also as the process ends

    def run(self, traversal: GraphTraversal, *, deadline: float) -> list[Any]:
        """Return what a traversal yields; where another transaction was faster, run it again while there is time.

        `deadline` is on the clock of `time.monotonic`.

        Raises:
            TraversalRefusedError: the server refused it.
            ConnectionLostError: twice the server went away meanwhile.
            HandshakeRefusedError: it wants no connection.
            TimeoutError: there was no answer by then.
            OSError: the server cannot be reached; so says aiohttp.ClientError too.
        """
        longest_s = _FIRST_PAUSE_S
        while True:
            try:
                return self._ask(traversal.bytecode, deadline)
            except TraversalRefusedError as error:
                pause_s = random.uniform(0, longest_s)  # noqa: S311  keeps rivals apart, no secret
                if error.code not in CONFLICTS or time.monotonic() + pause_s > deadline:
                    raise
            time.sleep(pause_s)
            longest_s = min(2 * longest_s, _LONGEST_PAUSE_S)

    def close(self) -> None:
        """Let all connections go; those in use when they are given back."""
        with self._lock:
            self._is_closed = True
        self._drop_idle()

    def _ask(self, bytecode: Bytecode, deadline: float) -> list[Any]:
        if not self._slots.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise TimeoutError
        try:
            connection = self._take_idle() or self._open(deadline - time.monotonic())
            try:
                return self._ask_over(connection, bytecode, deadline)
            except ConnectionLostError:
                self._drop_idle()  # they lead to the same server
            return self._ask_over(self._open(deadline - time.monotonic()), bytecode, deadline)
        finally:
            self._slots.release()

    def _ask_over(self, connection: Connection, bytecode: Bytecode, deadline: float) -> list[Any]:
        try:
            yielded = connection.ask(bytecode, timeout_s=deadline - time.monotonic())
        except TraversalRefusedError as error:
            if error.code in MOVED:
                connection.close()
                raise ConnectionLostError from error
            self._give_back(connection)
            raise
        except BaseException:
            connection.close()
            raise
        self._give_back(connection)
        return yielded

    def _take_idle(self) -> Connection | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                idle_since, connection = self._idle.pop()
            # Not the monotonic clock, which may stand still while a function is frozen.
            if 0 <= time.time() - idle_since < self._idle_s:
                return connection
            connection.close()

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            if not self._is_closed:
                self._idle.append((time.time(), connection))
                return
        connection.close()

    def _drop_idle(self) -> None:
        with self._lock:
            idle = self._idle[:]
            self._idle.clear()
        _close_all(idle)


def _close_all(idle: list[tuple[float, Connection]]) -> None:
    for _, connection in idle:
        connection.close()
