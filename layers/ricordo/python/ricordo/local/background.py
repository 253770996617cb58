"""The background worker: a process beside the handlers that carries out accepted events and sweeps."""

import os
import threading
import time
from multiprocessing.connection import Connection
from typing import Any

from ricordo.domain.errors import RicordoError
from ricordo.local.environments import detach_from_terminal
from ricordo.local.gateway import TIMEOUT_S

NICENESS = 10
POLL_S = 0.05
SWEEP_EVERY_S = 600.0
LOOK_EVERY_S = 1.0


def work_in_background(connection: Connection) -> None:
    """Run in the worker process: work on what is due until the parent is gone."""
    detach_from_terminal()
    os.nice(NICENESS)
    from ricordo.runtime.tasks import sweep_once, work_once  # noqa: PLC0415  imported by the fork server
    from ricordo.runtime.wiring import services  # noqa: PLC0415

    try:
        wired = services()
    except RicordoError as error:  # the handlers meet it too, and tell
        raise SystemExit(1) from error
    wired.workbench.embedder.embed(["ready"])
    swept_at = time.monotonic()
    while not is_parent_gone(connection):
        while work_once(wired):
            if is_parent_gone(connection):
                return
        if time.monotonic() - swept_at > SWEEP_EVERY_S:
            swept_at = time.monotonic()
            sweep_once(wired)


def is_parent_gone(connection: Connection) -> bool:
    """Wait a moment for the parent's end of the pipe to close."""
    try:
        if connection.poll(POLL_S):
            connection.recv()
    except (EOFError, OSError):
        return True
    return False


class Worker:
    """The worker process, started again when it ends before its time."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._stopping = threading.Event()
        self._start()
        self._watcher = threading.Thread(target=self._watch, name="worker watcher", daemon=True)
        self._watcher.start()

    def _start(self) -> None:
        self._connection, theirs = self._context.Pipe()
        self._process = self._context.Process(target=work_in_background, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            if not self._process.is_alive():
                self._connection.close()
                self._start()

    def stop(self) -> None:
        """Close the pipe, so that the process ends after the event it is at; kill it when patience ends."""
        self._stopping.set()
        self._watcher.join()
        self._connection.close()
        self._process.join(TIMEOUT_S)
        self._process.kill()
