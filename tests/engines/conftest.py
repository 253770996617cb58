"""Engines for the tests of this folder: search indexes on a node, and all engines under a server."""

from collections.abc import Iterator

import pytest
from support.engine_profile import EngineProfile, engine_profile
from support.engine_profile_server import EngineRoom, engine_room
from support.index_bench import OpenSearchBench, opensearch_bench
from support.serverless_guard import serverless_guard

from engines import Engine
from ricordo.adapters.opensearch.target import DOMAIN, SERVERLESS


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineRoom]:
    """All engines, for tests that take one away under a server and bring it back."""
    with engine_room(tmp_path_factory.mktemp("engines")) as started:
        yield started


@pytest.fixture(scope="module")
def profile(room: EngineRoom) -> Iterator[EngineProfile]:
    """The AWS profile over a table and projections of the module's own."""
    with engine_profile(room) as wired:
        yield wired


@pytest.fixture(scope="session")
def guard(search_node: Engine) -> Iterator[str]:
    """The node as a collection shows it."""
    with serverless_guard(search_node.url) as url:
        yield url


@pytest.fixture
def domain(search_node: Engine) -> Iterator[OpenSearchBench]:
    """An empty index of a domain."""
    with opensearch_bench(search_node.url, DOMAIN) as bench:
        yield bench


@pytest.fixture
def serverless(search_node: Engine, guard: str) -> Iterator[OpenSearchBench]:
    """An empty index of a collection."""
    with opensearch_bench(search_node.url, SERVERLESS, through=guard) as bench:
        yield bench


@pytest.fixture(params=["domain", "serverless"])
def bench(request: pytest.FixtureRequest) -> OpenSearchBench:
    """An empty index of either."""
    opened: OpenSearchBench = request.getfixturevalue(request.param)
    return opened
