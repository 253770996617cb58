"""DynamoDB Local: tables and their streams on one endpoint."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engines.artifacts import jars
from engines.java import java_for
from engines.lifecycle import LOOPBACK, Engine, http_status, running


@contextmanager
def dynamodb_local(data_dir: Path | None = None, port: int | None = None) -> Iterator[Engine]:
    """Run DynamoDB Local; in memory, or in a folder whose tables the next one finds again.

    Raises:
        EngineError: It does not start.
    """
    with running(DynamoDBLocal(data_dir), port) as engine:
        yield engine


@dataclass(frozen=True, slots=True)
class DynamoDBLocal:
    """How DynamoDB Local starts."""

    data_dir: Path | None
    name: str = "dynamodb"

    def command(self, port: int, folder: Path) -> list[str]:
        """Return what to run; region and key id are all one to it."""
        class_path = jars("dynamodb")
        where = ["-inMemory"] if self.data_dir is None else ["-dbPath", str(self.data_dir.absolute())]
        return [
            *(java_for("dynamodb").executable, "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *(f"-Djava.io.tmpdir={folder}", f"-Djava.library.path={class_path[0].parent}"),
            *("-cp", os.pathsep.join(map(str, class_path)), "DynamoDBLocalOnLoopback"),
            *(*where, "-sharedDb", "-disableTelemetry", "-port", str(port)),
        ]

    def url(self, port: int) -> str:
        """Say where both of its services are."""
        return f"http://{LOOPBACK}:{port}"

    def answers(self, port: int) -> bool:
        """Take any answer: it refuses what is not signed once it works."""
        return http_status(port, "GET", "/") is not None
