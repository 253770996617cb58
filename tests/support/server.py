"""The server as its user runs it: a process of its own over a folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ricordo.domain.ids import KeyId, ProjectId
from ricordo.domain.project import AccessRole, Project
from ricordo.runtime.key_secret import peppers_of
from ricordo.runtime.services import Services
from ricordo.runtime.settings import Settings, read_settings
from ricordo.runtime.wiring import wire
from ricordo.usecases.create_key import create_key

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 45.0


def free_port() -> int:
    """Return a port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(condition: Callable[[], Any], *, timeout_s: float = 20.0, pause_s: float = 0.02) -> Any:
    """Poll until the condition gives something true, and return that; fail when the time is over."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(pause_s)
    return value


@dataclass(slots=True)
class RunningServer:
    """One installation and the process that serves it; `stop` and `start` may alternate.

    Attributes:
        settings: Further `RICORDO_` variables, without the prefix.
    """

    data_dir: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    api_key: str = ""
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.api_key = self.api_key or self.add_key(self.add_project())

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it writes to standard error."""
        return self.data_dir / "server.log"

    @property
    def database(self) -> Path:
        """Its one file."""
        return self.data_dir / "ricordo.db"

    def add_project(self) -> ProjectId:
        """Create a project behind the server's back, as the command line does."""
        now = datetime.now(UTC)
        with self._services() as services:
            project_id = ProjectId(f"proj_{len(services.projects.list())}")
            services.projects.create(Project(project_id, "org_test", "test", now, now))
        return project_id

    def add_key(self, project_id: str, role: AccessRole = AccessRole.OWNER) -> str:
        """Create a key to a project and return its token."""
        with self._services() as services:
            return create_key(
                ProjectId(project_id),
                name="test",
                role=role,
                keys=services.keys,
                projects=services.projects,
                pepper=peppers_of(services.settings)[0],
                clock=services.clock,
            ).reveal()

    def revoke_key(self, token: str) -> None:
        """Revoke a key."""
        with self._services() as services:
            services.keys.revoke(KeyId(token.split("-")[1]), at=datetime.now(UTC))

    def _services(self) -> closing[Services]:
        """Open its stores beside it."""
        is_cloud = self.settings.get("profile") == "aws"
        return closing(wire(read_settings(self._environment()) if is_cloud else Settings(data_dir=self.data_dir)))

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "RICORDO_DATA_DIR": str(self.data_dir),
            "RICORDO_PORT": str(self.port),
            **{f"RICORDO_{name.upper()}": value for name, value in self.settings.items()},
        }

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start the process in a group of its own and do not wait until it answers."""
        with self.log.open("ab") as log, (self.data_dir / "server.out").open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ricordo.local.server"],
                env=self._environment(),
                stdout=out,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self.process

    def start(self) -> float:
        """Start the process, wait until it answers and return how many seconds that took."""
        started = time.monotonic()
        process = self.launch()
        wait_until(lambda: self.answers() or process.poll() is not None, timeout_s=START_TIMEOUT_S)
        assert process.poll() is None, self.log.read_text("utf-8", "replace")[-2000:]
        return time.monotonic() - started

    def answers(self) -> bool:
        """Say whether it serves requests."""
        try:
            urllib.request.urlopen(f"{self.base_url}/health", timeout=1).close()  # noqa: S310  our own server
        except OSError:
            return False
        return True

    def stop(self) -> int:
        """Ask it to stop, as a service manager does, and return its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """End the whole process tree at once, as a power cut would."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_TIMEOUT_S)
        wait_until(lambda: not self.members())

    def members(self) -> list[int]:
        """Return the processes of its group that still run."""
        assert self.process is not None
        return [pid for pid, group in _running_groups() if group == self.process.pid]

    def handlers(self) -> list[int]:
        """Return its forked processes: handlers and worker, all children of the fork server."""
        parents = {pid: _parent(pid) for pid in self.members()}
        return [pid for pid, parent in parents.items() if parent in parents and parents.get(parent) in parents]

    def log_lines(self) -> list[dict[str, Any]]:
        """Return the structured lines of the log."""
        lines = self.log.read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


@contextmanager
def running_server(data_dir: Path, **settings: str) -> Iterator[RunningServer]:
    """Serve a new installation, and leave no process behind."""
    server = RunningServer(data_dir, settings)
    try:
        server.start()
        yield server
    finally:
        if server.process is not None and server.members():
            server.kill()


def _running_groups() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        fields = _stat(entry.name) if entry.name.isdecimal() else None
        if fields is not None and fields[0] != "Z":
            yield int(entry.name), int(fields[2])


def _parent(pid: int) -> int | None:
    fields = _stat(str(pid))
    return int(fields[1]) if fields else None


def _stat(pid: str) -> list[str] | None:
    """Return the fields after the name of proc(5) stat: state, parent, group, ..."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
