"""The backends each contract suite runs over; a new one joins as a param and an opener here."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import TypeAlias

import pytest
from support.dynamodb_stores import engine_cloud, engine_stores, moto_stores
from support.graph_stores import gremlin_graph, sqlite_graph
from support.index_bench import IndexBench, mirror_bench, opensearch_bench, sqlite_bench
from support.serverless_guard import serverless_guard
from support.shelves import Shelf
from support.stores import Stores, sqlite_stores

from ricordo.adapters.opensearch.target import DOMAIN, SERVERLESS
from ricordo.ports.graph_store import GraphStore

Opener: TypeAlias = Callable[[], AbstractContextManager[Stores]]


@pytest.fixture(scope="session", params=["sqlite", "moto", pytest.param("engines", marks=pytest.mark.engines)])
def open_stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    """Open every port of one backend, empty, as often as called."""
    with ExitStack() as stack:
        match request.param:
            case "sqlite":
                yield lambda: sqlite_stores(tmp_path_factory.mktemp("stores") / "ricordo.db")
            case "moto":
                yield moto_stores
            case _:
                cloud = stack.enter_context(engine_cloud())
                yield lambda: engine_stores(cloud)


@pytest.fixture
def stores(open_stores: Opener) -> Iterator[Stores]:
    """Every port of one backend, empty."""
    with open_stores() as opened:
        yield opened


@pytest.fixture
def shelves(open_stores: Opener) -> Iterator[tuple[Shelf, Shelf]]:
    """Two separate installations, both empty."""
    with open_stores() as one, open_stores() as two:
        yield Shelf(one), Shelf(two)


@pytest.fixture
def shelf(stores: Stores) -> Shelf:
    """One installation, empty."""
    return Shelf(stores)


INDEXES = ["sqlite", "mirror", *(pytest.param(name, marks=pytest.mark.engines) for name in ("domain", "serverless"))]
BenchOpener: TypeAlias = Callable[[], AbstractContextManager[IndexBench]]


@pytest.fixture(scope="session", params=INDEXES)
def open_index_bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BenchOpener]:
    """Open an empty search index of one backend, as often as called."""
    if request.param == "sqlite":
        yield lambda: sqlite_bench(tmp_path_factory.mktemp("index") / "ricordo.db")
        return
    if request.param == "mirror":
        yield lambda: mirror_bench(tmp_path_factory.mktemp("mirror"))
        return
    url = request.getfixturevalue("search_node").url
    if request.param == "domain":
        yield lambda: opensearch_bench(url, DOMAIN)
        return
    with serverless_guard(url) as guard:
        yield lambda: opensearch_bench(url, SERVERLESS, through=guard)


@pytest.fixture
def index_bench(open_index_bench: BenchOpener) -> Iterator[IndexBench]:
    """Open an empty search index of one backend."""
    with open_index_bench() as opened:
        yield opened


GRAPHS = {"gremlin": "TinkerTransactionGraph", "gremlin-strings": "TinkerGraph"}
GraphOpener: TypeAlias = Callable[[], AbstractContextManager[GraphStore]]


@pytest.fixture(scope="session", params=["sqlite", *(pytest.param(name, marks=pytest.mark.engines) for name in GRAPHS)])
def open_graph(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphOpener]:
    """Open the graph of one backend, empty, as often as called, one at a time."""
    if request.param == "sqlite":
        yield lambda: sqlite_graph(tmp_path_factory.mktemp("graph") / "ricordo.db")
        return
    from engines import gremlin_server  # noqa: PLC0415  takes Java

    with gremlin_server(graph=GRAPHS[request.param]) as server:
        yield lambda: gremlin_graph(server.url)


@pytest.fixture
def graph(open_graph: GraphOpener) -> Iterator[GraphStore]:
    """The graph of one backend, empty."""
    with open_graph() as opened:
        yield opened
