"""The guard refuses what a collection of OpenSearch Serverless refuses, and each refusal has a source."""

import json
from typing import Any

import pytest
from opensearchpy.exceptions import NotFoundError, TransportError
from support.index_bench import OpenSearchBench
from support.serverless_guard import OPERATIONS, REFUSALS

pytestmark = pytest.mark.engines

UNKNOWN = [
    ("GET", "/"),
    ("POST", "/{index}/_refresh"),
    ("POST", "/{index}/_delete_by_query"),
    ("POST", "/{index}/_update_by_query"),
    ("POST", "/_reindex"),
    ("POST", "/{index}/_forcemerge"),
    ("GET", "/_cluster/health"),
    ("PUT", "/_cluster/settings"),
    ("GET", "/_nodes/http"),
    ("PUT", "/{index}/_doc/1"),
    ("PUT", "/{index}/_create/1"),
    ("POST", "/{index}/_update/1"),
    ("POST", "/{index}/_msearch"),
    ("PUT", "/_index_template/x"),
]
DOCUMENT: dict[str, Any] = {}
REFUSED: list[tuple[str, str, dict[str, str], list[dict[str, Any]]]] = [
    ("POST", "/{index}/_bulk", {}, [{"index": {"_id": "1"}}, DOCUMENT]),
    ("POST", "/{index}/_bulk", {}, [{"create": {"_id": "1"}}, DOCUMENT]),
    ("POST", "/{index}/_bulk", {"refresh": "true"}, [{"index": {}}, DOCUMENT]),
    ("POST", "/{index}/_bulk", {"routing": "a"}, [{"index": {}}, DOCUMENT]),
    ("POST", "/{index}/_bulk", {}, [{"index": {"routing": "a"}}, DOCUMENT]),
    ("POST", "/{index}/_search", {"routing": "a"}, [{"query": {"match_all": {}}}]),
    ("POST", "/{index}/_bulk", {}, [{"delete": {"_id": "1", "version": 1, "version_type": "external_gte"}}]),
    ("POST", "/{index}/_bulk", {"require_alias": "true"}, [{"index": {}}, DOCUMENT]),
    (
        "PUT",
        "/another",
        {},
        [{"mappings": {"properties": {"v": {"type": "knn_vector", "method": {"engine": "lucene"}}}}}],
    ),
    ("PUT", "/another", {}, [{"settings": {"index": {"number_of_shards": 2}}}]),
    ("PUT", "/another", {}, [{"aliases": {"a": {}}}]),
    ("POST", "/{index}/_bulk", {}, [{"index": {}}, {"words": "x" * 11_000_000}]),
]


def index_of(bench: OpenSearchBench) -> str:
    """Return the name of the index of a bench."""
    return bench.indices.names.generation(1)


@pytest.mark.parametrize(("method", "path"), UNKNOWN)
def test_what_the_service_does_not_serve_is_not_found(serverless: OpenSearchBench, method: str, path: str) -> None:
    """Other operations answer 404."""
    with pytest.raises(NotFoundError):
        serverless.client.transport.perform_request(method, path.format(index=index_of(serverless)))


@pytest.mark.parametrize(("method", "path", "params", "lines"), REFUSED)
def test_what_the_service_refuses_is_refused(
    serverless: OpenSearchBench, method: str, path: str, params: dict[str, str], lines: list[dict[str, Any]]
) -> None:
    """A request that holds one of the refused things is an error."""
    body = "\n".join(json.dumps(line) for line in lines) + "\n"
    with pytest.raises(TransportError) as refused:
        serverless.client.transport.perform_request(
            method, path.format(index=index_of(serverless)), params=params, body=body
        )
    assert refused.value.status_code in {400, 413}


def test_what_the_service_serves_is_served(serverless: OpenSearchBench) -> None:
    """A document goes in under an id of the service, is found, and goes out by that id."""
    client, index = serverless.client, index_of(serverless)
    client.bulk(index=index, body=[{"index": {}}, {"memory_id": "m", "version": 1}])
    serverless.settle()
    (hit,) = client.search(index=index, body={"query": {"match_all": {}}})["hits"]["hits"]

    assert not client.bulk(index=index, body=[{"delete": {"_id": hit["_id"]}}])["errors"]
    assert client.indices.exists(index=index)
    assert not client.indices.exists(index="absent")


def test_every_line_names_its_source() -> None:
    """What is served and what is refused can be looked up."""
    assert all(OPERATIONS.values())
    assert all(refusal.source for refusal in REFUSALS)
