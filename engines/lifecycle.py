"""Start an engine as a process of its own, wait until it answers, stop it, and start it again where it was."""

import http.client
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from engines.errors import EngineError

LOOPBACK: Final = "127.0.0.1"
START_LIMIT_S: Final = 120.0  # far above what a start takes: machines that run many tests are slow
STOP_LIMIT_S: Final = 20.0
PORTS_TRIED: Final = 3
READY: Final = b"READY\n"  # what a launcher prints when its port is open


class Blueprint(Protocol):
    """What has to be known to start an engine."""

    @property
    def name(self) -> str:
        """What to call it."""

    def command(self, port: int, folder: Path) -> list[str]:
        """Write the configuration into the folder, which is where the engine runs, and return what to run."""

    def url(self, port: int) -> str:
        """Say where clients connect to."""

    def answers(self, port: int) -> bool:
        """Tell whether the engine, which listens already, does its work."""


@dataclass(slots=True)
class Child:
    """The process of an engine. It ends when its standard input closes, so when this process ends, however it does."""

    blueprint: Blueprint
    port: int
    folder: Path
    popen: subprocess.Popen[bytes] = field(init=False)

    @property
    def log(self) -> Path:
        """The file that takes what the engine prints."""
        return self.folder / "engine.log"

    def start(self) -> None:
        """Start the process and return when the engine answers.

        Raises:
            EngineError: It ended, or did not answer in time.
        """
        command = self.blueprint.command(self.port, self.folder)
        said_before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=self.folder, start_new_session=True
            )
        try:
            self.wait_until(lambda: self.listens(said_before))
            self.wait_until(lambda: self.blueprint.answers(self.port))
        except BaseException:
            self.stop()
            raise

    def listens(self, said_before: int) -> bool:
        """Tell whether the engine has said so: an open port may be that of another program."""
        return READY in self.log.read_bytes()[said_before:]

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Ask as long as the engine lives, and not for ever."""
        deadline = time.monotonic() + START_LIMIT_S
        while not holds():
            if self.popen.poll() is not None or time.monotonic() > deadline:
                words = self.log.read_text("utf-8", errors="replace")[-3000:]
                raise EngineError(f"{self.blueprint.name} did not start (exit code {self.popen.returncode}):\n{words}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask the process to end, then insist; nothing if it has ended."""
        if self.popen.stdin is not None:
            self.popen.stdin.close()
        for insist in (self.popen.terminate, self.popen.kill):
            try:
                self.popen.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                insist()
        self.popen.wait()


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine; it can be stopped or killed under its clients and started again where it was."""

    name: str
    url: str
    port: int
    log: Path
    _child: Child = field(repr=False)

    @property
    def pid(self) -> int:
        """The process that runs now, or ran last."""
        return self._child.popen.pid

    def stop(self) -> None:
        """End it in good order and return when it is gone."""
        self._child.stop()

    def kill(self) -> None:
        """End it without a warning, as a crash would."""
        self._child.popen.kill()
        self._child.stop()

    def restart(self) -> None:
        """Start it again on the same port and the same folder, stopping it first if it still runs.

        Raises:
            EngineError: It does not start.
        """
        self._child.stop()
        self._child.start()


@contextmanager
def running(blueprint: Blueprint, port: int | None = None) -> Iterator[Engine]:
    """Run an engine on a port, a free one unless given, until the block ends.

    Raises:
        EngineError: It does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"ricordo-{blueprint.name}-"))
    try:
        child = started(blueprint, port, folder)
        try:
            yield Engine(blueprint.name, blueprint.url(child.port), child.port, child.log, child)
        finally:
            child.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def started(blueprint: Blueprint, port: int | None, folder: Path) -> Child:
    """Start an engine, on another port if somebody took the free one before it did."""
    attempts = PORTS_TRIED if port is None else 1
    while True:
        child = Child(blueprint, port or free_port(), folder)
        try:
            child.start()
        except EngineError:
            attempts -= 1
            if not attempts or not accepts_connections(child.port):
                raise
        else:
            return child


def free_port() -> int:
    """Find a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])


def accepts_connections(port: int) -> bool:
    """Tell whether somebody listens on a port of 127.0.0.1."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def http_status(port: int, method: str, path: str, body: str = "", timeout_s: float = 1.0) -> int | None:
    """Return the status that an engine answers with, None while it does not answer."""
    with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=timeout_s)) as connection:
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
