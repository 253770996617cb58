from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from opensearchpy import OpenSearch

from ricordo.adapters.opensearch import queries
from ricordo.adapters.opensearch.index_names import IndexNames
from ricordo.adapters.opensearch.searcher import Hit, Searcher, value_of
from ricordo.adapters.opensearch.target import Target
from ricordo.domain.drift import Shown
from ricordo.domain.ids import MemoryId, ProjectId

_LOOKED_UP_AT_ONCE: Final = 100
_TIMEOUT_S: Final = 30.0  # nobody waits for it, and a sleeping collection takes its time to wake


class OpenSearchListing:
    """`ports.projection_listing.ProjectionListing` of the index that serves, as its searches see it.

    On Serverless several documents of one memory may stand beside each other; those that the end of a page cuts off
    are missed by `listed`.
    """

    def __init__(self, client: OpenSearch, target: Target, model_id: str, *, prefix: str = "ricordo") -> None:
        self._index = IndexNames.of_model(prefix, model_id).serving
        self._searcher = Searcher(client, target, timeout_s=_TIMEOUT_S)

    def shown(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Mapping[MemoryId, Shown]:
        searches = [
            queries.standing(project_id, memory_ids[start : start + _LOOKED_UP_AT_ONCE])
            for start in range(0, len(memory_ids), _LOOKED_UP_AT_ONCE)
        ]
        if not searches:
            return {}
        answers = self._searcher.run(self._index, project_id, searches)
        hits = sorted((hit for found in answers for hit in found), key=_memory_id)
        return {one.memory_id: one for one in _shown(hits)}

    def listed(self, project_id: ProjectId, *, after: str, limit: int) -> Sequence[Shown]:
        (hits,) = self._searcher.run(self._index, project_id, [queries.in_order(project_id, after, limit)])
        return list(_shown(hits))


def _shown(hits: Iterable[Hit]) -> Iterable[Shown]:
    """Take together what stands for one memory; hits come by memory."""
    for memory_id, group in groupby(hits, key=_memory_id):
        versions = [int(value_of(hit, "version")) for hit in group]
        yield Shown(memory_id, max(versions), is_single=len(versions) == 1)


def _memory_id(hit: Hit) -> MemoryId:
    return MemoryId(value_of(hit, "memory_id"))
