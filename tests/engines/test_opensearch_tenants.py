"""The project's condition is in every request, and without it tenants see each other: nothing else hides that."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from support.builders import OTHER_PROJECT, PROJECT, a_memory
from support.index_bench import OpenSearchBench, opensearch_bench
from support.index_tenants import projects_never_see_each_other

from engines import Engine
from ricordo.adapters.opensearch import queries
from ricordo.adapters.opensearch.documents import document_id, routing_value
from ricordo.adapters.opensearch.target import DOMAIN

pytestmark = pytest.mark.engines


@pytest.fixture
def unrouted(search_node: Engine) -> Iterator[OpenSearchBench]:
    """A domain whose projects share their shards."""
    with opensearch_bench(search_node.url, replace(DOMAIN, takes_routing=False)) as bench:
        yield bench


def without_project(query: Any) -> Any:
    """Return a search with everything in it but the condition of the project."""
    if isinstance(query, Mapping):
        if "project" in query.get("term", {}):
            return {"match_all": {}}
        return {key: without_project(value) for key, value in query.items()}
    return [without_project(part) for part in query] if isinstance(query, list) else query


def careless(build: Callable[..., queries.Search]) -> Callable[..., queries.Search]:
    """Build a search that forgets the project."""
    return lambda *args: without_project(build(*args))


def test_tenants_are_apart_on_shards_they_share(unrouted: OpenSearchBench) -> None:
    """The condition alone keeps them apart."""
    projects_never_see_each_other(unrouted)


@pytest.mark.parametrize("name", ["nearest", "best_by_words", "at_places"])
def test_a_search_without_the_project_is_caught(
    unrouted: OpenSearchBench, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each search of the adapter, robbed of its condition, fails the check of tenants that passes with it."""
    monkeypatch.setattr(queries, name, careless(getattr(queries, name)))
    with pytest.raises(AssertionError):
        projects_never_see_each_other(unrouted)


@pytest.mark.parametrize("name", ["nearest", "best_by_words", "at_places", "standing"])
def test_a_search_of_a_collection_without_the_project_is_caught(
    serverless: OpenSearchBench, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The same where documents are looked up before they are written."""
    monkeypatch.setattr(queries, name, careless(getattr(queries, name)))
    with pytest.raises(AssertionError):
        projects_never_see_each_other(serverless)


def test_the_condition_stands_in_one_place(unrouted: OpenSearchBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """One function states it for all searches."""
    monkeypatch.setattr(queries, "project_condition", lambda _project_id: {"match_all": {}})
    with pytest.raises(AssertionError):
        projects_never_see_each_other(unrouted)


@dataclass
class Captured:
    """The requests a client sent."""

    searches: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = field(default_factory=list)
    actions: list[Mapping[str, Any]] = field(default_factory=list)

    def watch(self, bench: OpenSearchBench) -> None:
        """Keep what goes over the client of a bench."""
        transport = bench.client.transport
        send = transport.perform_request

        def sending(method: str, url: str, params: Any = None, body: Any = None, **rest: Any) -> Any:
            if url.endswith("/_msearch"):
                lines = [json.loads(line) for line in body.splitlines()]
                self.searches += zip(lines[::2], lines[1::2], strict=True)
            elif url.endswith("/_search"):
                self.searches.append((params, body))
            elif url.endswith("/_bulk"):
                self.actions += [line for line in map(json.loads, body.splitlines()) if len(line) == 1]
            return send(method, url, params=params, body=body, **rest)

        transport.perform_request = sending


def filter_of(search: Mapping[str, Any]) -> Sequence[Any]:
    """Return what every hit of a search satisfies."""
    query = search["query"]
    where = query["knn"]["vector"]["filter"] if "knn" in query else query["bool"]["filter"][0]
    conditions: Sequence[Any] = where["bool"]["filter"]
    return conditions


def test_every_request_carries_the_project(bench: OpenSearchBench) -> None:
    """Each search has the condition where all hits satisfy it; a domain's requests go to the project's shard too."""
    captured = Captured()
    captured.watch(bench)

    projects_never_see_each_other(bench)

    conditions = [{"term": {"project": project}} for project in (PROJECT, OTHER_PROJECT)]
    assert len(captured.searches) > 10
    for address, search in captured.searches:
        (project,) = (one["term"]["project"] for one in filter_of(search) if one in conditions)
        assert address.get("routing") == (routing_value(project) if bench.target.takes_routing else None)
    assert captured.actions


def test_a_document_is_named_by_its_project_too(domain: OpenSearchBench) -> None:
    """Two projects' memories of one id are two documents, each on the shard of its own project."""
    captured = Captured()
    captured.watch(domain)
    mine = a_memory("tea")
    domain.store(mine, replace(mine, project_id=OTHER_PROJECT))

    assert [(one["index"]["_id"], one["index"]["routing"]) for one in captured.actions] == [
        (document_id(project, mine.memory_id), routing_value(project)) for project in (PROJECT, OTHER_PROJECT)
    ]
