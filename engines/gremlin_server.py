"""Gremlin Server with a graph in memory: what Neptune is to the cloud."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from gremlin_python.driver.driver_remote_connection import DriverRemoteConnection
from gremlin_python.process.anonymous_traversal import traversal

from engines.artifacts import MAVEN, jars
from engines.java import java_for
from engines.lifecycle import LOOPBACK, Engine, running

Graph = Literal["TinkerTransactionGraph", "TinkerGraph"]
# A transaction's writes carry ids of their own making, which the strict kind refuses.
ID_KINDS: Final[dict[Graph, str]] = {"TinkerTransactionGraph": "ANY", "TinkerGraph": "STRING"}


@contextmanager
def gremlin_server(
    data_dir: Path | None = None, port: int | None = None, graph: Graph = "TinkerTransactionGraph"
) -> Iterator[Engine]:
    """Run Gremlin Server with one graph `g`.

    Like Neptune, `TinkerTransactionGraph` rolls a failed traversal back and refuses conflicting ones, and `TinkerGraph`
    takes strings only as ids. With a folder the graph is written to it when the server stops, not when it is killed.

    Raises:
        EngineError: It does not start.
    """
    with running(GremlinServer(data_dir, graph), port) as engine:
        yield engine


@dataclass(frozen=True, slots=True)
class GremlinServer:
    """How Gremlin Server starts."""

    data_dir: Path | None
    graph: Graph
    name: str = "gremlin"

    def command(self, port: int, folder: Path) -> list[str]:
        """Write its configuration and return what to run."""
        configuration = (MAVEN / "gremlin" / "server.yaml").read_text("utf-8")
        (folder / "server.yaml").write_text(configuration.replace("PORT", str(port)), "utf-8")
        (folder / "graph.properties").write_text(self.graph_properties(), "utf-8")
        shutil.copy(MAVEN / "gremlin" / "init.groovy", folder)
        return [
            *(java_for("gremlin").executable, "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *(f"-Djava.io.tmpdir={folder}", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"),
            *("-cp", os.pathsep.join(map(str, jars("gremlin"))), "GremlinServerWithParent", "server.yaml"),
        ]

    def graph_properties(self) -> str:
        """Configure the graph: properties are sets unless said otherwise, as on Neptune."""
        properties = {
            "gremlin.graph": f"org.apache.tinkerpop.gremlin.tinkergraph.structure.{self.graph}",
            "gremlin.tinkergraph.vertexIdManager": ID_KINDS[self.graph],
            "gremlin.tinkergraph.edgeIdManager": ID_KINDS[self.graph],
            "gremlin.tinkergraph.vertexPropertyIdManager": "LONG",
            "gremlin.tinkergraph.defaultVertexPropertyCardinality": "set",
        }
        if self.data_dir is not None:
            properties["gremlin.tinkergraph.graphLocation"] = str(self.data_dir.absolute() / "graph.json")
            properties["gremlin.tinkergraph.graphFormat"] = "graphson"
        return "".join(f"{name}={setting}\n" for name, setting in properties.items())

    def url(self, port: int) -> str:
        """Say where the web socket is."""
        return f"ws://{LOOPBACK}:{port}/gremlin"

    def answers(self, port: int) -> bool:
        """Walk the smallest traversal, which needs the graph; it raises if that is not there."""
        connection = DriverRemoteConnection(self.url(port), "g")
        try:
            return bool(traversal().with_remote(connection).inject(1).next() == 1)
        finally:
            connection.close()
