"""A node that goes away and comes back under a client."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.builders import PROJECT, a_memory, embedded
from support.index_bench import OpenSearchBench
from support.index_queries import by_vector, by_words

from engines import Engine, opensearch_node
from ricordo.adapters.opensearch.client import open_client
from ricordo.adapters.opensearch.target import DOMAIN
from ricordo.domain.errors import UnavailableError

pytestmark = pytest.mark.engines


@pytest.fixture
def own_node(tmp_path: Path) -> Iterator[Engine]:
    """A node that a test may stop."""
    with opensearch_node(tmp_path / "data") as node:
        yield node


def test_an_index_comes_back_with_its_node(own_node: Engine) -> None:
    """While the node is down every call fails at once; afterwards the same client finds all, and writes."""
    client = open_client(own_node.url)
    bench = OpenSearchBench(client, client, DOMAIN)
    bench.indices.ensure()
    (memory,) = bench.store(a_memory("tea", embedding=embedded(0)))
    own_node.stop()
    try:
        for call in (
            lambda: by_vector(bench),
            lambda: bench.index.neighbours(PROJECT, [memory]),
            lambda: bench.index.upsert([memory]),
            lambda: bench.index.remove(PROJECT, {memory.memory_id: 1}),
            bench.indices.ensure,
            bench.builder.begin,
        ):
            started = time.monotonic()
            with pytest.raises(UnavailableError):
                call()
            assert time.monotonic() - started < 2
    finally:
        own_node.restart()

    assert by_vector(bench) == by_words(bench, "tea") == [memory.memory_id]
    (other,) = bench.store(a_memory("tea too"))
    assert set(by_words(bench, "tea")) == {memory.memory_id, other.memory_id}
    client.close()
