"""The searches of the index. All of them go through `within_project`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ricordo.adapters.opensearch.filter_compiler import Clause, Query
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Vector

Search = dict[str, Any]
_MOST_HITS = 10_000  # of one search, by the engine's own bound


def within_project(project_id: ProjectId, *clauses: Clause) -> Query:
    """Return the condition that a document is the project's and satisfies all clauses."""
    wanted = [clause.query for clause in clauses if not clause.is_negated]
    unwanted = [clause.query for clause in clauses if clause.is_negated]
    return {"bool": {"filter": [project_condition(project_id), *wanted], "must_not": unwanted}}


def project_condition(project_id: ProjectId) -> Query:
    """Return the condition that keeps tenants apart; nothing else of this adapter states it."""
    return {"term": {"project": project_id}}


def nearest(where: Query, vector: Vector, limit: int) -> Search:
    """Search by vector; the filter stands inside, so that it takes nobody's place, and `size` is always k."""
    k = min(limit, _MOST_HITS)
    wanted = {"vector": vector.astype(np.float64).tolist(), "k": k, "filter": where}
    return _returning("memory_id") | {"size": k, "query": {"knn": {"vector": wanted}}}


def best_by_words(where: Query, stems: str, limit: int) -> Search:
    """Search by BM25 for any of the stems."""
    query = {"bool": {"must": [{"match": {"words": {"query": stems}}}], "filter": [where]}}
    return _returning("memory_id") | {"size": min(limit, _MOST_HITS), "query": query}


def at_places(project_id: ProjectId, places: Sequence[str]) -> Search:
    """Search for what stands at these places of conversations."""
    where = within_project(project_id, Clause({"terms": {"place": list(places)}}))
    return _returning("memory_id", "place") | _all_with(where)


def without_vector(project_id: ProjectId, limit: int) -> Search:
    """Search for documents that hold no vector."""
    where = within_project(project_id, Clause({"exists": {"field": "vector"}}, is_negated=True))
    return _returning("memory_id") | _all_with(where) | {"size": min(limit, _MOST_HITS)}


def standing(project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Search:
    """Search for the documents of these memories, of which there may be several each, with their own ids."""
    where = within_project(project_id, Clause({"terms": {"memory_id": list(memory_ids)}}))
    return {"_source": False, "docvalue_fields": ["memory_id", "version"]} | _all_with(where)


def in_order(project_id: ProjectId, after: str, limit: int) -> Search:
    """Search for all documents, by the ids of their memories, from behind one of these on."""
    found = _returning("memory_id", "version") | _all_with(within_project(project_id))
    return found | {"size": min(limit, _MOST_HITS), "sort": [{"memory_id": "asc"}], "search_after": [after]}


def _returning(*fields: str) -> Search:
    """Read hits from columns alone: stored fields, the document's own id among them, cost twice the time."""
    return {"_source": False, "stored_fields": "_none_", "docvalue_fields": list(fields)}


def _all_with(where: Query) -> Search:
    return {"size": _MOST_HITS, "track_total_hits": False, "query": {"bool": {"filter": [where]}}}
