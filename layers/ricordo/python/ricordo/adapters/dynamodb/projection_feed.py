from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from boto3.dynamodb.conditions import Attr

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.cuts import cuts_from
from ricordo.adapters.dynamodb.expressions import Change, Delete, Put
from ricordo.adapters.dynamodb.large_bodies import LargeBodies
from ricordo.adapters.dynamodb.memory_rows import memory_from, scope_from, vectors_of
from ricordo.adapters.dynamodb.remains import Remains
from ricordo.adapters.dynamodb.standing_rows import StandingRows, is_gone, is_live
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.domain.errors import StoreBusyError
from ricordo.domain.filters import Expression, covering_owners
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.domain.moments import to_micros
from ricordo.ports.projection_feed import Pending, Standing

_LOOKED_AT = 1000  # rows of a query, those included that the index shows by now
_TRIES = 20
_VISIBLE = "visible_us"


class DynamoDBProjectionFeed:
    """`ports.projection_feed.ProjectionFeed` over the one table.

    A memory has one row in its project's partition of pending changes from its last change until the index shows
    that, and a little longer.
    """

    def __init__(self, table: Table, bodies: LargeBodies, *, model_id: str = "") -> None:
        self._table = table
        self._standing = StandingRows(table, model_id)
        self._remains = Remains(table, bodies)

    def pending(self, project_id: ProjectId, where: Expression, *, limit: int, now: datetime) -> Pending:
        """Look at the last thousand changes in one request; the row of the cuts comes first."""
        is_invisible = Attr(_VISIBLE).not_exists() | Attr(_VISIBLE).gt(to_micros(now))
        partition = keys.pending_partition(project_id)
        page = self._table.query(partition, only_if=is_invisible, newest_first=True, limit=_LOOKED_AT)
        cuts = cuts_from(next((row for row in page.rows if row["kind"] == "cuts"), None))
        owners = covering_owners(where)
        found = dict.fromkeys(
            MemoryId(row["memory_id"])
            for row in page.rows
            if row["kind"] == "pending"
            and (owners is None or not owners.isdisjoint(scope_from(row).owners()))
            and not cuts.hide(scope_from(row), row["cuts_seen"])
        )
        return Pending(list(found)[:limit], is_complete=page.after is None and len(found) <= limit)

    def standing(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Mapping[MemoryId, Standing]:
        rows, cuts = self._standing.with_cuts(project_id, memory_ids)
        return {
            memory_id: Standing(self._standing.memory(row), is_live=is_live(row, cuts))
            for memory_id, row in rows.items()
        }

    def settle(
        self, project_id: ProjectId, versions: Mapping[MemoryId, int], *, visible_at: datetime, now: datetime
    ) -> None:
        settled = [
            Put({**row, _VISIBLE: to_micros(visible_at)})
            for row in self._pending_rows(project_id, versions)
            if _VISIBLE not in row
        ]
        self._table.write_many([*settled, *self._passed(project_id, now)])

    def _pending_rows(self, project_id: ProjectId, versions: Mapping[MemoryId, int]) -> list[Row]:
        """Return the pending rows of memories that have not moved on from these versions."""
        current = self._standing.of(project_id, list(versions))
        wanted = [
            keys.pending(memory_from(row))
            for memory_id, row in current.items()
            if row["version"] <= versions[memory_id] and not is_gone(row)
        ]
        return list(self._table.get_many(wanted).values())

    def _passed(self, project_id: ProjectId, now: datetime) -> Iterator[Delete]:
        """Name rows the index has shown long enough; they are the oldest as a rule."""
        page = self._table.query(
            keys.pending_partition(project_id), only_if=Attr(_VISIBLE).lte(to_micros(now)), limit=_LOOKED_AT
        )
        return (Delete(keys.Key(row["pk"], row["sk"])) for row in page.rows)

    def remove_remains(self, project_id: ProjectId, memory: Memory) -> None:  # noqa: ARG002  the memory says it
        self._remains.remove(memory)

    def keep_embeddings(self, memories: Sequence[Memory]) -> int:
        embedded = {keys.memory(one.project_id, one.memory_id): one for one in memories if one.embedding is not None}
        rows = self._table.get_many(list(embedded))
        return sum(self._keep_embedding(key, memory, rows.get(key)) for key, memory in embedded.items())

    def _keep_embedding(self, key: keys.Key, memory: Memory, row: dict[str, Any] | None) -> bool:
        for _ in range(_TRIES):
            if row is None or is_gone(row) or row["version"] != memory.version:
                return False
            try:
                self._table.write(_with_vector(key, row, memory))
            except ConditionNotMetError:
                row = self._table.get(key)
                continue
            return True
        raise StoreBusyError("Other changes of this memory kept coming first; try again.")


def _with_vector(key: keys.Key, row: dict[str, Any], memory: Memory) -> Change:
    """Put a vector beside those of other models, unless the row has changed since."""
    before = row.get("vectors")
    unchanged = Attr("vectors").eq(before) if before else Attr("vectors").not_exists()
    vectors = {**(before or {}), **vectors_of(memory)}
    return Change(key, Attr("version").eq(memory.version) & unchanged, set={"vectors": vectors})
