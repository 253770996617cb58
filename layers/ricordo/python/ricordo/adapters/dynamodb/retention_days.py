"""How long a project keeps what has ended."""

import time
from collections.abc import Callable

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.memory_rows import has_end
from ricordo.adapters.dynamodb.table import Table
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Memory

_DEFAULT_DAYS = 30
_CACHE_S = 300.0
_CAPACITY = 10_000


class RetentionDays:
    """Days by project, read again when they are five minutes old. Threads may share it."""

    def __init__(self, table: Table, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._table = table
        self._monotonic = monotonic
        self._read: dict[ProjectId, tuple[float, int]] = {}

    def after(self, memory: Memory) -> int:
        """Return how many days the row of a memory outlives its end; nothing is read for one without an end."""
        return self._of(memory.project_id) if has_end(memory) else 0

    def _of(self, project_id: ProjectId) -> int:
        now = self._monotonic()
        read_at, days = self._read.get(project_id, (-_CACHE_S, 0))
        if now - read_at < _CACHE_S:
            return days
        row = self._table.get(keys.project(project_id))
        days = row["retention_days"] if row else _DEFAULT_DAYS
        if len(self._read) >= _CAPACITY:
            self._read.clear()
        self._read[project_id] = (now, days)
        return days
