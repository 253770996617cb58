import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Final

from opensearchpy import OpenSearch

from ricordo.adapters.opensearch import queries
from ricordo.adapters.opensearch.documents import place, spoken_stems, thread_mark
from ricordo.adapters.opensearch.errors import translated
from ricordo.adapters.opensearch.filter_compiler import NOTHING, CompiledFilter, compile_filter
from ricordo.adapters.opensearch.index_names import IndexNames
from ricordo.adapters.opensearch.projections import projection_for
from ricordo.adapters.opensearch.searcher import Hit, Searcher, value_of
from ricordo.adapters.opensearch.target import Target
from ricordo.domain.errors import IndexMissingError
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.ports.search_index import IndexQuery

_REACH: Final = 8  # places: ranking takes nothing from a neighbour that stands farther away
_BESIDE_AT_ONCE: Final = 600  # times 16 places: as many hits as one search may have
_MORE_WHERE_INEXACT: Final = 4
_MORE_WHERE_REPEATED: Final = 2


class OpenSearchSearchIndex:
    """`ports.search_index.SearchIndex` over the index of one embedding model, behind an alias.

    A search sees a write after `target.visible_after_s`. Neighbours are looked for up to eight places away.
    """

    def __init__(
        self,
        client: OpenSearch,
        target: Target,
        model_id: str,
        *,
        prefix: str = "ricordo",
        timeout_s: float = 3.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._target = target
        self._model_id = model_id
        self._names = IndexNames.of_model(prefix, model_id)
        self._searcher = Searcher(client, target, timeout_s=timeout_s)
        self._projection = projection_for(client, target, model_id, sleep=sleep)

    def nominate(self, query: IndexQuery) -> Sequence[MemoryId]:
        compiled = compile_filter(query.where)
        searches = [] if compiled.clause == NOTHING else self._searches(query, compiled)
        if not searches:
            return []
        found: dict[MemoryId, None] = {}
        for hits in self._searcher.run(self._names.serving, query.project_id, searches):
            best = list(dict.fromkeys(_memory_ids(hits)))
            found |= dict.fromkeys(best[: query.limit] if compiled.is_exact else best)
        return list(found)

    def _searches(self, query: IndexQuery, compiled: CompiledFilter) -> list[queries.Search]:
        where = queries.within_project(query.project_id, compiled.clause)
        limit = query.limit
        limit *= 1 if compiled.is_exact else _MORE_WHERE_INEXACT
        limit *= 1 if self._target.takes_ids else _MORE_WHERE_REPEATED
        searches = []
        if query.vector is not None and query.model_id == self._model_id:
            searches.append(queries.nearest(where, query.vector, limit))
        stems = spoken_stems(query.terms)
        if stems:
            searches.append(queries.best_by_words(where, stems, limit))
        return searches

    def neighbours(self, project_id: ProjectId, beside: Sequence[Memory]) -> Sequence[MemoryId]:
        asked = {memory.memory_id for memory in beside}
        standing = self._standing_around(project_id, beside)
        standing |= {place(thread_mark(memory.thread), memory.sequence): memory.memory_id for memory in beside}
        found: dict[MemoryId, None] = {}
        for memory in beside:
            for side in _around(memory):
                nearest = next((standing[one] for one in side if one in standing), None)
                if nearest is not None and nearest not in asked:
                    found[nearest] = None
        return list(found)

    def _standing_around(self, project_id: ProjectId, beside: Sequence[Memory]) -> dict[str, MemoryId]:
        """Return by its place what stands around these memories."""
        searches = []
        for start in range(0, len(beside), _BESIDE_AT_ONCE):
            sides = chain.from_iterable(map(_around, beside[start : start + _BESIDE_AT_ONCE]))
            searches.append(queries.at_places(project_id, list(dict.fromkeys(chain.from_iterable(sides)))))
        if not searches:
            return {}
        answers = self._searcher.run(self._names.serving, project_id, searches)
        return {value_of(hit, "place"): MemoryId(value_of(hit, "memory_id")) for hits in answers for hit in hits}

    def without_vector(self, project_id: ProjectId, model_id: str, *, limit: int) -> Sequence[MemoryId]:
        if model_id != self._model_id:
            raise ValueError("This index holds vectors of another model.")
        (hits,) = self._searcher.run(self._names.serving, project_id, [queries.without_vector(project_id, limit)])
        return list(dict.fromkeys(_memory_ids(hits)))

    def upsert(self, memories: Sequence[Memory]) -> None:
        if memories:
            self._project(lambda alias: self._projection.put(alias, memories))

    def remove(self, project_id: ProjectId, last_versions: Mapping[MemoryId, int]) -> None:
        if last_versions:
            self._project(lambda alias: self._projection.drop(alias, project_id, last_versions))

    def _project(self, write: Callable[[str], None]) -> None:
        """Write to an index that is being built first: should it begin to serve meanwhile, it lacks nothing."""
        with translated():
            is_building = self._client.indices.exists(index=self._names.next)
        if is_building:
            with suppress(IndexMissingError):  # it serves since, or was given up
                write(self._names.next)
        write(self._names.serving)


def _memory_ids(hits: Iterable[Hit]) -> list[MemoryId]:
    return [MemoryId(value_of(hit, "memory_id")) for hit in hits]


def _around(memory: Memory) -> tuple[list[str], list[str]]:
    """Return the places before and after a memory, each the nearest first."""
    mark = thread_mark(memory.thread)
    steps = range(1, _REACH + 1)
    before = [place(mark, memory.sequence - step) for step in steps]
    return before, [place(mark, memory.sequence + step) for step in steps]
