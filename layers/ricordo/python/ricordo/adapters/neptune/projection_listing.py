import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gremlin_python.process.graph_traversal import GraphTraversal

from ricordo.adapters.neptune import traversals
from ricordo.adapters.neptune.client import GremlinClient
from ricordo.adapters.neptune.elements import MEMORY, MENTIONS, VERSION, memory_vertex
from ricordo.adapters.neptune.errors import translated
from ricordo.adapters.neptune.graph_store import in_batches
from ricordo.domain.drift import Shown
from ricordo.domain.ids import MemoryId, ProjectId

LOOKED_UP_AT_ONCE: Final = 250


class NeptuneListing:
    """`ports.projection_listing.ProjectionListing` over Gremlin.

    Neptune keeps nothing in the order of ids: each page looks at all memories and relations of the project. A memory
    of which only relations are left is listed as version 0.
    """

    def __init__(self, client: GremlinClient, *, timeout_s: float = 60.0) -> None:
        self._client = client
        self._timeout_s = timeout_s

    @translated()
    def shown(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Mapping[MemoryId, Shown]:
        by_vertex = {memory_vertex(project_id, memory_id): memory_id for memory_id in memory_ids}
        found: list[Mapping[str, Any]] = []
        for batch in in_batches(memory_ids, LOOKED_UP_AT_ONCE):
            found += self._read(traversals.memories(project_id, batch))
        return self._counted(project_id, {by_vertex[fields[MEMORY]]: fields for fields in found})

    @translated()
    def listed(self, project_id: ProjectId, *, after: str, limit: int) -> Sequence[Shown]:
        found = self._read(traversals.memories_behind(project_id, after, limit=limit))
        shown = self._counted(project_id, {MemoryId(fields[MEMORY]): fields for fields in found})
        speakers = self._read(traversals.speakers_behind(project_id, after, limit=limit))
        left = {MemoryId(name): Shown(MemoryId(name), 0, edges=1) for name in speakers}
        return [one for _, one in sorted({**left, **shown}.items())][:limit]

    def _counted(self, project_id: ProjectId, found: Mapping[MemoryId, Mapping[str, Any]]) -> dict[MemoryId, Shown]:
        relations: Counter[str] = Counter()
        for batch in in_batches(list(found), LOOKED_UP_AT_ONCE):
            for counted in self._read(traversals.relation_counts(project_id, batch)):
                relations.update(counted)
        return {
            memory_id: Shown(memory_id, fields[VERSION], fields[MENTIONS] + relations[memory_id])
            for memory_id, fields in found.items()
        }

    def _read(self, traversal: GraphTraversal) -> list[Any]:
        return self._client.run(traversal, deadline=time.monotonic() + self._timeout_s)
