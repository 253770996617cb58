"""A server of its own for a benchmark: a fresh folder, a free port, its log and its memory."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class ServerUnderTest:
    """A running server."""

    host: str
    api_key: str
    log: Path
    pid: int

    def spans(self, message: str) -> list[dict[str, object]]:
        """Return the lines of the log with this message."""
        lines = (json.loads(line) for line in self.log.read_text("utf-8").splitlines() if line.startswith("{"))
        return [line for line in lines if line.get("message") == message]

    def memory_mb(self) -> float:
        """Return the proportional set size of the whole process tree."""
        return sum(_pss_kb(pid) for pid in _tree(self.pid)) / 1024


@contextmanager
def server_under_test(**settings: str) -> Iterator[ServerUnderTest]:
    """Start a server with these `RICORDO_` settings, and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="ricordo-bench-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        log = Path(folder) / "server.log"
        environment = os.environ | {"RICORDO_DATA_DIR": folder, "RICORDO_PORT": str(port), **settings}
        with log.open("w") as stderr:
            process = subprocess.Popen(
                [Path(sys.executable).with_name("ricordo"), "serve"],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
            try:
                host = f"http://127.0.0.1:{port}"
                _await(host, process)
                yield ServerUnderTest(host, (Path(folder) / "api-key").read_text().strip(), log, process.pid)
            finally:
                process.terminate()
                process.wait(60)


def _await(host: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{host}/health", timeout=1).close()  # noqa: S310  our own server
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("The server did not start.")


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [pid, *(one for child in children.read_text().split() for one in _tree(int(child)))]


def _pss_kb(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
