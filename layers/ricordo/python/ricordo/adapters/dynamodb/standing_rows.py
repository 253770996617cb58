"""Current rows of memories as they stand, and whether readers may see them."""

from collections.abc import Sequence

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.cuts import Cuts, cuts_from
from ricordo.adapters.dynamodb.memory_rows import memory_from, scope_from
from ricordo.adapters.dynamodb.table import Table
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import LifecycleState, Memory

PURGING = "purging"  # marks a row whose versions are being removed


def is_gone(row: Row) -> bool:
    """Say whether a memory was deleted, or is being removed for good."""
    return row["state"] == LifecycleState.DELETED or PURGING in row


def is_live(row: Row, cuts: Cuts) -> bool:
    """Say whether readers see a memory."""
    return not is_gone(row) and not cuts.hide(scope_from(row), row["cuts_seen"])


class StandingRows:
    """Reads current rows together with the cuts, consistently."""

    def __init__(self, table: Table, model_id: str) -> None:
        self._table = table
        self._model_id = model_id

    def memory(self, row: Row) -> Memory:
        """Read a memory with its vector of the model this store serves."""
        return memory_from(row, self._model_id)

    def of(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> dict[MemoryId, Row]:
        """Return the rows that stand, tombstones included."""
        found = self._table.get_many([keys.memory(project_id, memory_id) for memory_id in memory_ids])
        return {MemoryId(row["memory_id"]): row for row in found.values()}

    def with_cuts(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> tuple[dict[MemoryId, Row], Cuts]:
        """Return the rows that stand and the cuts; 99 ids take one request."""
        cuts_key = keys.cuts(project_id)
        wanted = [cuts_key, *(keys.memory(project_id, memory_id) for memory_id in memory_ids)]
        found = self._table.get_many(wanted)
        cuts = cuts_from(found.pop(cuts_key, None))
        return {MemoryId(row["memory_id"]): row for row in found.values()}, cuts

    def live(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> dict[MemoryId, Memory]:
        """Return the memories readers see, in the order asked for."""
        if not memory_ids:
            return {}
        rows, cuts = self.with_cuts(project_id, memory_ids)
        return {
            memory_id: self.memory(rows[memory_id])
            for memory_id in dict.fromkeys(memory_ids)
            if memory_id in rows and is_live(rows[memory_id], cuts)
        }
