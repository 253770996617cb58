"""How memories become documents and stop being ones, with ids of ours and without."""

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Final, Protocol

from opensearchpy import OpenSearch

from ricordo.adapters.opensearch import queries
from ricordo.adapters.opensearch.bulk_writer import BulkWriter, Operation
from ricordo.adapters.opensearch.documents import document_id, document_of, routing_value
from ricordo.adapters.opensearch.searcher import Hit, Searcher, value_of
from ricordo.adapters.opensearch.target import Target
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory

_LOOKED_UP_AT_ONCE: Final = 100
_LOOK_UP_TIMEOUT_S: Final = 30.0  # a writer waits until a sleeping collection is awake


class Projection(Protocol):
    """Writes memories to the index of an alias; fails as `BulkWriter.write` does."""

    def put(self, alias: str, memories: Sequence[Memory]) -> None:
        """Show memories as they are, unless a later version is shown."""

    def drop(self, alias: str, project_id: ProjectId, last_versions: Mapping[MemoryId, int]) -> None:
        """Stop showing memories of these versions or earlier."""


def projection_for(
    client: OpenSearch, target: Target, model_id: str, *, sleep: Callable[[float], None] = time.sleep
) -> Projection:
    """Return the way of writing that the target allows."""
    writer = BulkWriter(client, target, sleep=sleep)
    if target.takes_ids:
        return VersionedProjection(writer, target, model_id)
    return UnversionedProjection(writer, Searcher(client, target, timeout_s=_LOOK_UP_TIMEOUT_S), model_id)


class VersionedProjection:
    """Documents under our ids, of which the engine itself keeps the latest version.

    A memory's version counts double, and its removal one more: it beats an upsert that comes late, and a later
    version beats it. The engine remembers removals for the index's `gc_deletes`.
    """

    def __init__(self, writer: BulkWriter, target: Target, model_id: str) -> None:
        self._writer = writer
        self._takes_routing = target.takes_routing
        self._model_id = model_id

    def put(self, alias: str, memories: Sequence[Memory]) -> None:
        operations = [
            Operation(
                memory.memory_id,
                {"index": self._address(memory.project_id, memory.memory_id, 2 * memory.version)},
                document_of(memory, self._model_id),
            )
            for memory in memories
        ]
        self._writer.write(alias, operations)

    def drop(self, alias: str, project_id: ProjectId, last_versions: Mapping[MemoryId, int]) -> None:
        operations = [
            Operation(memory_id, {"delete": self._address(project_id, memory_id, 2 * version + 1)})
            for memory_id, version in last_versions.items()
        ]
        self._writer.write(alias, operations)

    def _address(self, project_id: ProjectId, memory_id: MemoryId, version: int) -> dict[str, object]:
        address: dict[str, object] = {
            "_id": document_id(project_id, memory_id),
            "version": version,
            "version_type": "external_gte",
        }
        return address | {"routing": routing_value(project_id)} if self._takes_routing else address


class UnversionedProjection:
    """Documents under ids the service gives them: what stands is looked up, the new goes in, the old goes out.

    Not atomic, and blind to what a search does not see yet. Two documents of one memory may stand beside each other
    until its next write, and one may outlive its memory: readers take each memory once, and ask the truth.
    """

    def __init__(self, writer: BulkWriter, searcher: Searcher, model_id: str) -> None:
        self._writer = writer
        self._searcher = searcher
        self._model_id = model_id

    def put(self, alias: str, memories: Sequence[Memory]) -> None:
        by_project = sorted(memories, key=lambda memory: (memory.project_id, memory.version))
        for project_id, some in groupby(by_project, key=lambda memory: memory.project_id):
            latest = {memory.memory_id: memory for memory in some}
            found = self._standing(alias, project_id, list(latest))
            outdated = {_memory_id(hit) for hit in found if _version(hit) > latest[_memory_id(hit)].version}
            wanted = [
                Operation(memory_id, {"index": {}}, document_of(memory, self._model_id))
                for memory_id, memory in latest.items()
                if memory_id not in outdated
            ]
            versions = {memory_id: memory.version for memory_id, memory in latest.items()}
            self._writer.write(alias, [*wanted, *_removals(found, versions)])

    def drop(self, alias: str, project_id: ProjectId, last_versions: Mapping[MemoryId, int]) -> None:
        found = self._standing(alias, project_id, list(last_versions))
        self._writer.write(alias, _removals(found, last_versions))

    def _standing(self, alias: str, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> list[Hit]:
        searches = [
            queries.standing(project_id, memory_ids[start : start + _LOOKED_UP_AT_ONCE])
            for start in range(0, len(memory_ids), _LOOKED_UP_AT_ONCE)
        ]
        return [hit for hits in self._searcher.run(alias, project_id, searches) for hit in hits]


def _removals(found: Sequence[Hit], last_versions: Mapping[MemoryId, int]) -> list[Operation]:
    return [
        Operation(_memory_id(hit), {"delete": {"_id": hit["_id"]}})
        for hit in found
        if _version(hit) <= last_versions[_memory_id(hit)]
    ]


def _memory_id(hit: Hit) -> MemoryId:
    return MemoryId(value_of(hit, "memory_id"))


def _version(hit: Hit) -> int:
    return int(value_of(hit, "version"))
