"""Histories of memories, from the rows of their versions."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.memory_rows import history_from
from ricordo.adapters.dynamodb.standing_rows import PURGING
from ricordo.adapters.dynamodb.table import Table
from ricordo.domain.errors import StoreBusyError
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import MemoryVersion

_SHORT = 20  # versions of a memory that are asked for by number
_TRIES = 8

History = tuple[MemoryVersion, ...]


class Histories:
    """Reads histories."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, project_id: ProjectId, memory_id: MemoryId) -> History:
        """Return a memory's history, oldest first; empty where its row is gone."""
        partition = keys.memory(project_id, memory_id).pk
        for _ in range(_TRIES):
            rows = {row["sk"]: row for row in self._table.query_all(partition)}
            current = rows.get(keys.CURRENT)
            if current is None or PURGING in current:
                return ()
            versions = _up_to(current, rows.values())
            if versions is not None:
                return tuple(history_from(versions))
        raise StoreBusyError("This memory changed each time it was read; try again.")

    def of_many(self, currents: Sequence[Row]) -> Mapping[MemoryId, History]:
        """Return the histories of memories as they stood when these rows were read; one removed since is left out.

        Short histories take one request for a hundred versions.
        """
        wanted = [
            keys.Key(current["pk"], keys.version_place(number))
            for current in currents
            if current["version"] <= _SHORT
            for number in range(1, current["version"] + 1)
        ]
        found = sorted(self._table.get_many(wanted).items())
        by_partition = {pk: [row for _, row in some] for pk, some in groupby(found, key=lambda pair: pair[0].pk)}
        histories: dict[MemoryId, History] = {}
        for current in currents:
            versions = _up_to(current, by_partition.get(current["pk"], ()))
            if versions is None:
                versions = _up_to(current, self._table.query_all(current["pk"]))
            if versions is not None:
                histories[MemoryId(current["memory_id"])] = tuple(history_from(versions))
        return histories


def _up_to(current: Row, rows: Iterable[Row]) -> list[Row] | None:
    """Pick the versions that led to a row, in their order; None where the last is not among them yet, or no more.

    Rows of one transaction may come into sight one after the other, and what an earlier memory under this id has
    left behind is not this one's.
    """
    versions = [row for row in rows if row["kind"] == "version" and row["version"] <= current["version"]]
    return versions if versions and versions[-1]["version"] == current["version"] else None
