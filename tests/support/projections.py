"""What index and graph show of a project, asked of them directly, beside what the truth says."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from opensearchpy import OpenSearch

from ricordo.adapters.opensearch.index_names import IndexNames
from ricordo.domain.analysis import query_terms
from ricordo.domain.filters import All, OwnedBy
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import OwnerType
from ricordo.ports.search_index import IndexQuery
from ricordo.runtime.services import Services

_PAGE = 1000
_NOMINATED = 10
SERVED = ProjectId("proj_0")  # the first project of a `RunningServer`


@dataclass(frozen=True, slots=True)
class Projections:
    """The projections of one project, through `services` that no server shares; `node_url` is the index itself."""

    services: Services
    node_url: str
    project_id: ProjectId = SERVED

    def faults(self) -> list[str]:
        """Say where they differ from the truth: what is missing, outdated, or not found by vector, words or graph."""
        truth = {memory.memory_id: memory for memory in self.memories()}
        shown = self.in_index()
        faults = [f"{one} is of no memory" for one in shown.keys() - truth.keys()]
        for memory_id, memory in truth.items():
            if shown.get(memory_id) != memory.version:
                faults.append(f"version {memory.version} of {memory_id} is not in the index")
            else:
                faults += [f"{memory_id} is not found by {way}" for way in self._ways_that_miss(memory)]
        return faults

    def memories(self) -> Iterator[Memory]:
        """Yield all live memories from the truth."""
        request = PageRequest(1, _PAGE)
        while True:
            page = self.services.memories.list(self.project_id, All(), request)
            yield from page.items
            if not page.has_next:
                return
            request = PageRequest(request.number + 1, _PAGE, page.end)

    def in_index(self) -> Mapping[MemoryId, int]:
        """Return the versions that the index shows, once it is refreshed."""
        serving = IndexNames.of_model("ricordo", self.services.searching.embedder.model_id).serving
        with closing(OpenSearch(self.node_url, timeout=30)) as node:
            node.indices.refresh(index=serving)
            query = {"size": 10_000, "query": {"term": {"project": self.project_id}}}
            hits = node.search(index=serving, body=query)["hits"]["hits"]
        return {MemoryId(hit["_source"]["memory_id"]): hit["_source"]["version"] for hit in hits}

    def mentioning(self, entity_key: str) -> Sequence[MemoryId]:
        """Return the memories that mention an entity, as the graph has it."""
        graph = self.services.searching.graph
        assert graph is not None
        return graph.mentions(self.project_id, [entity_key], limit=_NOMINATED)

    def _ways_that_miss(self, memory: Memory) -> Iterator[str]:
        searching = self.services.searching
        query = IndexQuery(
            self.project_id, OwnedBy(*_owner(memory)), None, searching.embedder.model_id, (), limit=_NOMINATED
        )
        if memory.embedding is None:
            yield "vector: it has none"
        elif memory.memory_id not in searching.index.nominate(replace(query, vector=memory.embedding.vector)):
            yield "vector"
        if memory.memory_id not in searching.index.nominate(replace(query, terms=query_terms(memory.text))):
            yield "words"
        if searching.graph is not None:
            shown = {entity.key for entity in searching.graph.entities(self.project_id, memory.memory_id)}
            if shown != {entity.key for entity in memory.entities}:
                yield "graph"


def _owner(memory: Memory) -> tuple[OwnerType, frozenset[str]]:
    owner = next(iter(memory.scope.owners()))
    return owner.type, frozenset([owner.id])
