"""Drift that only an engine can show: relations without their memory, and documents that stand twice."""

from collections.abc import Iterator

import pytest
from support.builders import PROJECT, a_memory
from support.graph_stores import gremlin_graph, listing_of, run
from support.index_bench import OpenSearchBench

from engines import Engine, gremlin_server
from ricordo.adapters.neptune.elements import memory_vertex
from ricordo.adapters.neptune.traversals import g
from ricordo.domain.drift import Shown
from ricordo.domain.graph import Entity, Relation

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def server() -> Iterator[Engine]:
    """A Gremlin server."""
    with gremlin_server() as started:
        yield started


def test_relations_whose_memory_is_gone_are_listed_and_forgotten(server: Engine) -> None:
    """GIVEN a memory's vertex dropped by another hand WHEN it is forgotten THEN its relations and their ends go too."""
    said = [a_memory(entities=(Entity("Ana"),), relations=(Relation(name, "knows", "Bo"),)) for name in ("Ana", "Cleo")]
    gone, left = said
    with gremlin_graph(server.url) as graph:
        graph.upsert(said)
        run(server.url, g.V(memory_vertex(PROJECT, gone.memory_id)).drop())
        listed = listing_of(graph).listed(PROJECT, after="", limit=9)
        assert {one.memory_id: (one.version, one.edges) for one in listed} == {
            gone.memory_id: (0, 1),
            left.memory_id: (1, 2),
        }

        graph.forget(PROJECT, [gone.memory_id])

        assert listing_of(graph).listed(PROJECT, after="", limit=9) == [Shown(left.memory_id, 1, edges=2)]
        assert graph.neighbourhood(PROJECT, "ana", hops=1, limit=9) == []
        assert run(server.url, g.V().has_label("entity").count()) == [3]


def test_documents_that_stand_twice_are_told_apart(serverless: OpenSearchBench) -> None:
    """GIVEN a memory written twice before a search sees it WHEN it is written once more THEN one document is left."""
    memory = a_memory()
    for _ in range(2):
        serverless.index.upsert([memory])
    serverless.settle()
    twice = Shown(memory.memory_id, 1, is_single=False)
    assert serverless.listing.shown(PROJECT, [memory.memory_id]) == {memory.memory_id: twice}
    assert serverless.listing.listed(PROJECT, after="", limit=9) == [twice]

    serverless.index.upsert([memory])
    serverless.settle()

    assert serverless.listing.listed(PROJECT, after="", limit=9) == [Shown(memory.memory_id, 1)]
