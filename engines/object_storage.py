"""S3 and SQS, which have no engine of their own: moto's server, in a process of its own.

It keeps everything in memory: what was stopped or killed starts empty.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engines.lifecycle import LOOPBACK, Engine, http_status, running


@contextmanager
def object_storage(port: int | None = None) -> Iterator[Engine]:
    """Serve buckets and queues on one endpoint.

    Raises:
        EngineError: It does not start.
    """
    with running(ObjectStorage(), port) as engine:
        yield engine


@dataclass(frozen=True, slots=True)
class ObjectStorage:
    """How moto's server starts."""

    name: str = "object-storage"

    def command(self, port: int, folder: Path) -> list[str]:
        """Return what to run."""
        del folder  # it needs none
        return [sys.executable, "-m", "engines.moto_server", str(port)]

    def url(self, port: int) -> str:
        """Say where both of its services are."""
        return f"http://{LOOPBACK}:{port}"

    def answers(self, port: int) -> bool:
        """Take any answer."""
        return http_status(port, "GET", "/moto-api/") is not None
