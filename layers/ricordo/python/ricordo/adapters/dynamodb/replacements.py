"""The next version of one memory, written over what stands, again as long as that changes meanwhile."""

from collections.abc import Callable

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.cuts import Cuts
from ricordo.adapters.dynamodb.memory_writes import gives_up_text, replacement
from ricordo.adapters.dynamodb.retention_days import RetentionDays
from ricordo.adapters.dynamodb.standing_rows import StandingRows
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.adapters.dynamodb.transactions import Plan
from ricordo.domain.errors import StoreBusyError
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory

_TRIES = 20
Successor = Callable[[Row | None, Cuts], Memory | None]


class Replacements:
    """Writes next versions."""

    def __init__(self, table: Table, standing: StandingRows, retention_days: RetentionDays) -> None:
        self._table = table
        self._standing = standing
        self._retention_days = retention_days

    def replace(self, project_id: ProjectId, memory_id: MemoryId, successor: Successor) -> bool:
        """Write what `successor` makes of the row that stands; False when it makes nothing of it."""
        for _ in range(_TRIES):
            rows, cuts = self._standing.with_cuts(project_id, [memory_id])
            row = rows.get(memory_id)
            memory = successor(row, cuts)
            if row is None or memory is None:
                return False
            (plan,) = self.plans([(row, memory)])
            try:
                self._table.transact(plan.writes)
            except ConditionNotMetError:
                continue
            return True
        raise StoreBusyError("Other changes of this memory kept coming first; try again.")

    def plans(self, changes: list[tuple[Row, Memory]]) -> list[Plan[Memory]]:
        """Say what is to be written over these rows; those who held the old texts are read in one go."""
        before = [self._standing.memory(row) for row, _ in changes]
        texts = {
            keys.uniqueness(old) for old, (_, memory) in zip(before, changes, strict=True) if gives_up_text(old, memory)
        }
        text_rows = self._table.get_many(sorted(texts))
        return [
            Plan(
                memory,
                replacement(
                    row,
                    memory,
                    retention_days=self._retention_days.after(memory),
                    old_text_row=text_rows.get(keys.uniqueness(old)),
                ),
            )
            for old, (row, memory) in zip(before, changes, strict=True)
        ]
