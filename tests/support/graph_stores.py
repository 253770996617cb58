"""A graph on every backend that has one, and a Gremlin server's graph from outside."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ricordo.adapters.neptune.client import GremlinClient
from ricordo.adapters.neptune.connection import Connection
from ricordo.adapters.neptune.graph_store import NeptuneGraphStore, open_graph_store
from ricordo.adapters.neptune.projection_listing import NeptuneListing
from ricordo.adapters.neptune.traversals import g
from ricordo.adapters.sqlite.database import Database, migrate
from ricordo.adapters.sqlite.graph_store import SqliteGraphStore
from ricordo.adapters.sqlite.projection_listing import SqliteGraphListing
from ricordo.ports.graph_store import GraphStore
from ricordo.ports.projection_listing import ProjectionListing


@contextmanager
def sqlite_graph(path: Path) -> Iterator[GraphStore]:
    """Open a graph in a file of its own, without the truth."""
    database = Database(path)
    migrate(database)
    with closing(database):
        yield SqliteGraphStore(database)


@contextmanager
def gremlin_graph(url: str) -> Iterator[GraphStore]:
    """Open the graph of a Gremlin server, emptied; tests of large graphs are patient."""
    run(url, g.V().drop())
    with closing(open_graph_store(url, read_timeout_s=30)) as store:
        yield store


def listing_of(graph: GraphStore) -> ProjectionListing:
    """Return what lists a graph."""
    if isinstance(graph, NeptuneGraphStore):
        return NeptuneListing(graph.client)
    assert isinstance(graph, SqliteGraphStore)
    return SqliteGraphListing(graph._database)


def run(url: str, traversal: Any) -> list[Any]:
    """Run a traversal of the test's own."""
    client = GremlinClient(lambda timeout_s: Connection(url, {}, timeout_s=timeout_s), connections=1)
    with closing(client):
        return client.run(traversal, deadline=time.monotonic() + 60)
