"""Engines for servers of the AWS profile, which a test may stop, and what they hold beside the truth."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from ricordo.runtime.services import Services
from ricordo.runtime.settings import read_settings, variable_of
from ricordo.runtime.wiring import wire

if TYPE_CHECKING:
    from engines import Engine

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class EngineRoom:
    """All engines of the profile; what tables, index and graph hold outlives a stop, but the graph no kill."""

    dynamodb: "Engine"
    opensearch: "Engine"
    graph: "Engine"
    objects: "Engine"

    @contextmanager
    def furnished(self, **settings: str) -> Iterator[dict[str, str]]:
        """Name the engines in this process's environment; yield the settings of a new table with empty projections."""
        with self.named():
            self.empty_projections()
            settings = {"profile": "aws", "table": f"ricordo-server-{next(_numbers)}", **settings}
            provision_for(settings)
            yield settings

    @contextmanager
    def named(self) -> Iterator[None]:
        """Name the engines in this process's environment."""
        from engines.__main__ import environment  # noqa: PLC0415  takes other engines' clients

        with patch.dict(os.environ, environment(self.dynamodb, self.opensearch, self.graph, self.objects)):
            yield

    def empty_projections(self) -> None:
        """Drop all that index and graph hold."""
        from gremlin_python.driver.driver_remote_connection import DriverRemoteConnection  # noqa: PLC0415
        from gremlin_python.process.anonymous_traversal import traversal  # noqa: PLC0415
        from opensearchpy import OpenSearch  # noqa: PLC0415

        with closing(OpenSearch(self.opensearch.url, timeout=30)) as node:
            node.indices.delete(index="ricordo-*")
        with closing(DriverRemoteConnection(self.graph.url, "g")) as graph:
            traversal().with_remote(graph).V().drop().iterate()


@contextmanager
def engine_room(folder: Path | None = None) -> Iterator[EngineRoom]:
    """Start all engines; with a folder, each comes back after a stop with what it held."""
    from engines import dynamodb_local, gremlin_server, object_storage, opensearch_node  # noqa: PLC0415  take Java

    tables, index, graph_folder = (folder and _made(folder / name) for name in ("tables", "index", "graph"))
    starting = [dynamodb_local(tables), opensearch_node(index), gremlin_server(graph_folder), object_storage()]
    with ExitStack() as stack:
        with ThreadPoolExecutor() as threads:
            dynamodb, opensearch, graph, objects = threads.map(stack.enter_context, starting)
        yield EngineRoom(dynamodb, opensearch, graph, objects)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@contextmanager
def engines_for_a_server() -> Iterator[dict[str, str]]:
    """Start the engines, name them in this process's environment, and yield the server's settings."""
    with engine_room() as room, room.furnished() as settings:
        yield settings


def provision_for(settings: dict[str, str]) -> None:
    """Make the table, the bucket and the index that these settings name."""
    from ricordo.runtime.provisioning import provision  # noqa: PLC0415  takes boto3

    with opened(settings) as services:
        list(provision(services.settings, services.workbench.embedder))


@contextmanager
def opened(settings: dict[str, str]) -> Iterator[Services]:
    """Wire the services of these settings in this process."""
    with closing(wire(read_settings(os.environ | {variable_of(name): text for name, text in settings.items()}))) as own:
        yield own
