"""Handler processes, as Lambda has execution environments: each answers one request at a time.

A request waits for an idle process; a process that dies or overruns the timeout is replaced. Writes have
processes of their own at a lower priority, so that a long add neither queues nor starves a search.
"""

import multiprocessing
import os
import queue
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from ricordo.domain.errors import EmbedderUnavailableError, RicordoError
from ricordo.local.gateway import TIMEOUT_S, Gateway, Reply, Request, error_reply
from ricordo.ports.embedder import Embedder
from ricordo.runtime.observability import logger
from ricordo.runtime.settings import Settings

PRELOADED = ["ricordo.local.preload"]
WRITER_NICENESS = 5
START_TIMEOUT_S = 60.0
READY = "ready"


def process_context() -> Any:
    """Return the way to start processes: forked from one that has imported everything, where that works."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def detach_from_terminal() -> None:
    """Leave it to the parent when to stop: the pipe to it ends when it does, however it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def answer_requests(connection: Connection, niceness: int) -> None:
    """Run in a handler process: say ready, or why not, then answer requests until the parent is gone."""
    detach_from_terminal()
    os.nice(niceness)
    try:
        gateway = _gateway()
        connection.send(READY)
        while True:
            connection.send(gateway.respond(connection.recv()))
    except RicordoError as error:
        with suppress(OSError):
            connection.send(error.message)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _gateway() -> Gateway:
    from functions.api.handler import handler as api  # noqa: PLC0415  reads the environment of this process
    from functions.authorize.handler import handler as authorizer  # noqa: PLC0415
    from ricordo.runtime.wiring import services  # noqa: PLC0415

    wired = services()
    warm_up(wired.searching.embedder, wired.settings)
    return Gateway(api, authorizer)


def warm_up(embedder: Embedder, settings: Settings) -> None:
    """Load the model before it is needed; one outside this process may be down as any part may.

    Raises:
        EmbedderUnavailableError: the built-in one cannot be loaded.
    """
    try:
        embedder.embed([READY])
    except EmbedderUnavailableError as error:
        if settings.embedder == "builtin":
            raise
        logger.warning("embedder down", extra={"code": error.code})


Target = Callable[[Connection, int], None]


class Environment:
    """One handler process and the pipe to it; `target` runs in it with the other end and its niceness."""

    def __init__(
        self, context: Any, niceness: int, *, target: Target = answer_requests, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._context = context
        self._niceness = niceness
        self._target = target
        self._timeout_s = timeout_s
        self._start()

    def _start(self) -> None:
        self._connection, theirs = self._context.Pipe()
        self._process = self._context.Process(target=self._target, args=(theirs, self._niceness), daemon=True)
        self._process.start()
        theirs.close()
        self._is_ready = False

    def await_ready(self) -> None:
        """Wait until the process can answer.

        Raises:
            RuntimeError: it ended instead; the message or its log says why.
        """
        if self._is_ready:
            return
        try:
            if not self._connection.poll(START_TIMEOUT_S):
                raise RuntimeError("A handler process did not start in time.")
            told = self._connection.recv()
        except EOFError as error:
            raise RuntimeError("A handler process ended while starting; its log says why.") from error
        if told != READY:
            raise RuntimeError(told)
        self._is_ready = True

    def answer(self, request: Request) -> Reply:
        """Answer one request; replace the process if it dies or takes too long."""
        try:
            self.await_ready()
            self._connection.send(request)
            if self._connection.poll(self._timeout_s):
                reply: Reply = self._connection.recv()
                return reply
            reply = error_reply(504, message="Endpoint request timed out")
        except (EOFError, OSError, RuntimeError):
            reply = error_reply(502, message="Internal server error")
        self.stop(patience_s=0)
        self._start()
        return reply

    def stop(self, *, patience_s: float) -> None:
        """Close the pipe, so that the process ends after its request; kill it when patience ends."""
        self._connection.close()
        self._process.join(patience_s)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


class EnvironmentPool:
    """Some processes of one kind; the one that was busy last, whose caches are warmest, is taken first."""

    def __init__(self, context: Any, size: int, *, niceness: int = 0) -> None:
        self._environments = [Environment(context, niceness) for _ in range(size)]
        self._idle: queue.LifoQueue[Environment] = queue.LifoQueue()
        for environment in self._environments:
            self._idle.put(environment)

    @property
    def size(self) -> int:
        """How many requests are answered at the same time."""
        return len(self._environments)

    def await_ready(self) -> None:
        """Wait until all processes can answer."""
        for environment in self._environments:
            environment.await_ready()

    def answer(self, request: Request) -> Reply:
        """Answer a request with the next idle process; called from one thread a process."""
        environment = self._idle.get()
        try:
            return environment.answer(request)
        finally:
            self._idle.put(environment)

    def stop(self) -> None:
        """Stop all processes, each after the request it is at."""
        for environment in self._environments:
            environment.stop(patience_s=TIMEOUT_S)
