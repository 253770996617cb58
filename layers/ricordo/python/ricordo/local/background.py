"""Processes beside the handlers: one works on accepted events, or sees to it that workflows do; others project."""

import os
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from ricordo.domain.errors import RicordoError
from ricordo.local.environments import detach_from_terminal, warm_up
from ricordo.local.gateway import TIMEOUT_S
from ricordo.runtime.settings import read_settings

NICENESS = 10
POLL_S = 0.05
SWEEP_EVERY_S = 600.0
START_EVERY_S = 5.0
FILL_EVERY_S = 10.0
LOOK_EVERY_S = 1.0


def work_in_background(connection: Connection) -> None:
    """Run in the worker process: work on what is due until the parent is gone."""
    detach_from_terminal()
    os.nice(NICENESS)
    from ricordo.runtime.tasks import fill_once, start_due_once, sweep_once, work_once  # noqa: PLC0415  imported by the fork server
    from ricordo.runtime.wiring import services  # noqa: PLC0415

    try:
        wired = services()
    except RicordoError as error:  # the handlers meet it too, and tell
        raise SystemExit(1) from error
    warm_up(wired.workbench.embedder, wired.settings)
    has_workflows = bool(wired.settings.ingest_machine)
    swept_at = looked_at = started_at = time.monotonic()
    while not is_parent_gone(connection):
        if has_workflows and time.monotonic() - started_at > START_EVERY_S:
            started_at = time.monotonic()
            start_due_once(wired)
        while not has_workflows and work_once(wired):
            if is_parent_gone(connection):
                return
        if time.monotonic() - swept_at > SWEEP_EVERY_S:
            swept_at = time.monotonic()
            sweep_once(wired)
        if time.monotonic() - looked_at > FILL_EVERY_S and not fill_once(wired):
            looked_at = time.monotonic()


def project_in_background(connection: Connection, handler_name: str) -> None:
    """Run in a projecting process: hand the table's stream to a consumer until the parent is gone."""
    detach_from_terminal()
    os.nice(NICENESS)
    from functions.project_changes import handler  # noqa: PLC0415  reads the environment of this process
    from ricordo.local.stream_pump import Delivery, StreamPump  # noqa: PLC0415  only this profile has boto3
    from ricordo.runtime.aws_clients import client, stream_of  # noqa: PLC0415

    stream = stream_of(read_settings().table)
    consumer = getattr(handler, handler_name)
    # The consumer sets aside what can never be projected; whatever fails beyond that is down, and comes again.
    pump = StreamPump(client("dynamodbstreams"), stream, consumer, delivery=Delivery(max_attempts=None))
    while not is_parent_gone(connection):
        while pump.pump_once():
            if is_parent_gone(connection):
                return


def is_parent_gone(connection: Connection) -> bool:
    """Wait a moment for the parent's end of the pipe to close."""
    try:
        if connection.poll(POLL_S):
            connection.recv()
    except (EOFError, OSError):
        return True
    return False


class Worker:
    """A process that runs `target` with a pipe to its parent, started again when it ends before its time."""

    def __init__(self, context: Any, target: Callable[..., None] = work_in_background, *arguments: str) -> None:
        self._context = context
        self._target = target
        self._arguments = arguments
        self._stopping = threading.Event()
        self._start()
        self._watcher = threading.Thread(target=self._watch, name="worker watcher", daemon=True)
        self._watcher.start()

    def _start(self) -> None:
        self._connection, theirs = self._context.Pipe()
        self._process = self._context.Process(target=self._target, args=(theirs, *self._arguments), daemon=True)
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
