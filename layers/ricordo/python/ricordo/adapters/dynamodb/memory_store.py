from collections.abc import Mapping, Sequence
from datetime import datetime

from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.cuts import Cuts
from ricordo.adapters.dynamodb.hiding import Hiding
from ricordo.adapters.dynamodb.histories import Histories
from ricordo.adapters.dynamodb.insertions import Insertion
from ricordo.adapters.dynamodb.large_bodies import LargeBodies
from ricordo.adapters.dynamodb.memory_pages import MemoryPages
from ricordo.adapters.dynamodb.replacements import Replacements
from ricordo.adapters.dynamodb.retention import Retention
from ricordo.adapters.dynamodb.retention_days import RetentionDays
from ricordo.adapters.dynamodb.standing_rows import StandingRows, is_live
from ricordo.adapters.dynamodb.table import Table
from ricordo.domain.errors import MemoryNotFoundError, VersionConflictError
from ricordo.domain.event import Lease
from ricordo.domain.filters import Expression
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory, MemoryVersion
from ricordo.domain.paging import Page, PageRequest
from ricordo.ports.memory_store import InsertOutcome


class DynamoDBMemoryStore:
    """`ports.memory_store.MemoryStore` over the one table; each change of a memory is one conditional transaction."""

    def __init__(self, table: Table, bodies: LargeBodies, *, model_id: str = "") -> None:
        self._table = table
        self._retention_days = RetentionDays(table)
        self._standing = StandingRows(table, model_id)
        self._replacements = Replacements(table, self._standing, self._retention_days)
        self._pages = MemoryPages(table, self._standing)
        self._histories = Histories(table)
        self._hiding = Hiding(table, self._standing, self._replacements)
        self._retention = Retention(table, bodies)

    def insert(self, memories: Sequence[Memory], *, lease: Lease | None = None) -> Sequence[InsertOutcome]:
        return Insertion(self._table, self._standing, self._retention_days, lease).run(memories)

    def replace(self, memory: Memory, *, expected_version: int) -> None:
        def successor(row: Row | None, cuts: Cuts) -> Memory:
            if row is None or not is_live(row, cuts):
                raise MemoryNotFoundError("Memory not found!")
            if row["version"] != expected_version:
                raise VersionConflictError(
                    f"The memory is at version {row['version']}, not {expected_version}: read it again."
                )
            return memory

        self._replacements.replace(memory.project_id, memory.memory_id, successor)

    def get(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Mapping[MemoryId, Memory]:
        return self._standing.live(project_id, memory_ids)

    def list(self, project_id: ProjectId, where: Expression, page: PageRequest) -> Page[Memory]:
        return self._pages.read(project_id, where, page)

    def versions(self, project_id: ProjectId, memory_id: MemoryId) -> Sequence[MemoryVersion]:
        versions = self._histories.of(project_id, memory_id)
        if not versions:
            raise MemoryNotFoundError("Memory not found!")
        return versions

    def hide(self, project_id: ProjectId, where: Expression) -> int:
        return self._hiding.hide(project_id, where)

    def remove_hidden(self, project_id: ProjectId, *, limit: int, now: datetime) -> int:
        return self._hiding.remove(project_id, limit=limit, now=now)

    def purge(self, project_id: ProjectId, *, older_than: datetime) -> int:
        return self._retention.purge(project_id, older_than=older_than)
