"""Run searches: in one request where the target takes it, and whole answers or none."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from opensearchpy import OpenSearch

from ricordo.adapters.opensearch.client import patience
from ricordo.adapters.opensearch.documents import routing_value
from ricordo.adapters.opensearch.errors import translated
from ricordo.adapters.opensearch.queries import Search
from ricordo.adapters.opensearch.target import Target
from ricordo.domain.errors import UnavailableError
from ricordo.domain.ids import ProjectId

Hit = Mapping[str, Any]


def value_of(hit: Hit, field: str) -> Any:
    """Return the one value of a field that a hit came with."""
    return hit["fields"][field][0]


class Searcher:
    """Asks one index for documents of one project at a time."""

    def __init__(self, client: OpenSearch, target: Target, *, timeout_s: float) -> None:
        self._client = client
        self._target = target
        self._params = {"request_timeout": patience(timeout_s)}

    def run(self, index: str, project_id: ProjectId, searches: Sequence[Search]) -> list[list[Hit]]:
        """Return the hits of each search.

        Raises:
            UnavailableError: one was not answered, or only by a part of the index.
        """
        routing = {"routing": routing_value(project_id)} if self._target.takes_routing else {}
        with translated():
            if self._target.takes_msearch:
                answers = self._at_once(index, routing, searches)
            else:
                answers = [
                    self._client.search(index=index, body=search, params=self._params | routing) for search in searches
                ]
        return [_hits(answer) for answer in answers]

    def _at_once(self, index: str, routing: Mapping[str, str], searches: Sequence[Search]) -> Sequence[Any]:
        lines = [json.dumps(line, separators=(",", ":")) for search in searches for line in (routing, search)]
        answer = self._client.msearch(index=index, body="\n".join(lines), params=self._params)
        responses: Sequence[Any] = answer["responses"]
        return responses


def _hits(answer: Any) -> list[Hit]:
    if "error" in answer:
        raise UnavailableError(f"The search index did not carry out a search ({answer['error'].get('type')}).")
    if answer["timed_out"] or answer["_shards"]["failed"]:
        raise UnavailableError("The search index answered in part.")
    hits: list[Hit] = answer["hits"]["hits"]
    return hits
