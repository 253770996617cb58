"""An OpenSearch node with k-NN and neural search."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from engines.artifacts import jars
from engines.cache import make_once
from engines.errors import EngineError
from engines.java import java_for
from engines.lifecycle import LOOPBACK, Engine, http_status, running
from engines.steps import step

SETTINGS: Final = {
    "cluster.name": "ricordo",
    "node.name": "node-1",
    "discovery.type": "single-node",
    "network.host": LOOPBACK,
    "transport.port": "0",
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    "action.auto_create_index": "false",
}
# Faiss comes without its native library. With this setting no index asks for it: searches of its fields are exact, and
# mappings and requests stay those of production. Lucene's graphs are built all the same.
EVERY_INDEX: Final = {
    "index_patterns": ["*"],
    "priority": 0,
    "template": {"settings": {"index.knn.advanced.approximate_threshold": -1}},
}


@contextmanager
def opensearch_node(data_dir: Path | None = None, port: int | None = None) -> Iterator[Engine]:
    """Run a node; with a folder, its indexes are there for the next one.

    Raises:
        EngineError: It does not start.
    """
    with running(OpenSearch(data_dir, f"-XX:SharedArchiveFile={archived_classes()}"), port) as engine:
        apply_template(engine.port)
        yield engine


def archived_classes() -> Path:
    """Return the archive of loaded classes that halves a start, made by starting a node once for each Java."""
    release = hashlib.sha256(java_for("opensearch").release.encode()).hexdigest()[:12]
    return make_once(jars("opensearch")[0].parent / f"classes-{release}", archive_classes) / "node.jsa"


def archive_classes(folder: Path) -> None:
    """Start and stop a node that writes down what it loaded."""
    trained = OpenSearch(None, f"-XX:ArchiveClassesAtExit={folder / 'node.jsa'}")
    with step("Archiving OpenSearch's classes", folder), running(trained):
        pass


def apply_template(port: int) -> None:
    """Set what holds for every index that does not say otherwise."""
    status = http_status(port, "PUT", "/_index_template/every-index", json.dumps(EVERY_INDEX), timeout_s=30)
    if status != HTTPStatus.OK:
        raise EngineError(f"opensearch refused the index template ({status})")


@dataclass(frozen=True, slots=True)
class OpenSearch:
    """How a node starts."""

    data_dir: Path | None
    class_data: str
    name: str = "opensearch"

    def command(self, port: int, folder: Path) -> list[str]:
        """Return what to run."""
        java = java_for("opensearch")
        home = folder / "home"
        (home / "config").mkdir(parents=True, exist_ok=True)
        data = home / "data" if self.data_dir is None else self.data_dir.absolute()
        settings = {**SETTINGS, "http.port": port, "path.data": data, "path.logs": folder}
        vectors = ["--add-modules", "jdk.incubator.vector"] if java.has_module("jdk.incubator.vector") else []
        return [
            *(java.executable, "-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xlog:disable"),
            *(*vectors, "--enable-native-access=ALL-UNNAMED", f"-Djava.io.tmpdir={folder}", self.class_data),
            *("-cp", os.pathsep.join(map(str, jars("opensearch"))), "OpenSearchNode", str(home)),
            *(f"{name}={setting}" for name, setting in settings.items()),
        ]

    def url(self, port: int) -> str:
        """Say where its REST interface is."""
        return f"http://{LOOPBACK}:{port}"

    def answers(self, port: int) -> bool:
        """Wait for the state in which a single node works: its replicas are nowhere."""
        path = "/_cluster/health?wait_for_status=yellow&timeout=30s"
        return http_status(port, "GET", path, timeout_s=40) == HTTPStatus.OK
