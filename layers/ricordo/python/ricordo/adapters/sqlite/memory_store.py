from collections.abc import Mapping, Sequence
from datetime import datetime

from ricordo.adapters.sqlite import memory_writes as writes
from ricordo.adapters.sqlite.database import Connection, Database
from ricordo.adapters.sqlite.filter_compiler import compile_filter
from ricordo.adapters.sqlite.leases import require_lease
from ricordo.adapters.sqlite.retention import purge_project
from ricordo.adapters.sqlite.rows import LIVE, DecodedRows, memory_from, version_from
from ricordo.domain.errors import MemoryNotFoundError, VersionConflictError
from ricordo.domain.event import Lease
from ricordo.domain.filters import Expression, owner_pattern
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory, MemoryVersion, bury
from ricordo.domain.paging import Page, PageRequest, Place
from ricordo.ports.memory_store import InsertOutcome

_MAX_VARIABLES = 500
_BEFORE_ALL = (2**63 - 1, 2**63 - 1)


class SqliteMemoryStore:
    """`ports.memory_store.MemoryStore` over one file; the projections change in the same transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._decoded = DecodedRows()

    def insert(self, memories: Sequence[Memory], *, lease: Lease | None = None) -> Sequence[InsertOutcome]:
        with self._database.writing() as connection:
            place = require_lease(connection, lease) if lease else None
            change = writes.next_change(connection)
            return [writes.insert_memory(connection, memory, place=place, change=change) for memory in memories]

    def replace(self, memory: Memory, *, expected_version: int) -> None:
        with self._database.writing() as connection:
            current = _live_row(connection, memory.project_id, memory.memory_id)
            if current["version"] != expected_version:
                raise VersionConflictError(
                    f"The memory is at version {current['version']}, not {expected_version}: read it again."
                )
            writes.replace_memory(connection, current, memory, change=writes.next_change(connection))

    def get(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Mapping[MemoryId, Memory]:
        found: dict[MemoryId, Memory] = {}
        with self._database.reading() as connection:
            for start in range(0, len(memory_ids), _MAX_VARIABLES):
                for memory in self._read(connection, project_id, memory_ids[start : start + _MAX_VARIABLES]):
                    found[memory.memory_id] = memory
        return found

    def _read(self, connection: Connection, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> list[Memory]:
        """Ask the truth which rows stand, and decode only those that changed since last seen."""
        marks = ", ".join("?" * len(memory_ids))
        heads = connection.execute(
            f"SELECT row, change FROM memories m WHERE project_id = ? AND memory_id IN ({marks}) AND {LIVE}",
            (project_id, *memory_ids),
        )
        return list(self._hydrated(connection, heads.fetchall()).values())

    def _hydrated(self, connection: Connection, heads: Sequence[tuple[int, int]]) -> dict[int, Memory]:
        memories, missing = self._decoded.known(heads)
        for start in range(0, len(missing), _MAX_VARIABLES):
            some = missing[start : start + _MAX_VARIABLES]
            marks = ", ".join("?" * len(some))
            rows = connection.execute(f"SELECT * FROM memories m WHERE row IN ({marks}) AND {LIVE}", some)
            memories |= self._decoded.decode(rows)
        return memories

    def list(self, project_id: ProjectId, where: Expression, page: PageRequest) -> Page[Memory]:
        condition = compile_filter(where)
        matching = f"FROM memories m WHERE m.project_id = ? AND {LIVE} AND {condition.sql}"
        values = (project_id, *condition.values)
        with self._database.reading() as connection:
            if page.place is None:
                (total,) = connection.execute(f"SELECT count(*) {matching}", values).fetchone()
                after, skipped = _BEFORE_ALL, page.offset
            else:
                total, after, skipped = page.place.total, _read_place(page.place), 0
            heads = connection.execute(
                f"SELECT m.row, m.change, m.accepted_us {matching} AND (m.accepted_us, m.row) < (?, ?)"
                " ORDER BY m.accepted_us DESC, m.row DESC LIMIT ? OFFSET ?",
                (*values, *after, page.size, skipped),
            ).fetchall()
            memories = self._hydrated(connection, [(row, change) for row, change, _ in heads])
        end = Place(f"{heads[-1]['accepted_us']}.{heads[-1]['row']}", total) if heads else None
        return Page([memories[row] for row, _, _ in heads if row in memories], total, page, end)

    def versions(self, project_id: ProjectId, memory_id: MemoryId) -> Sequence[MemoryVersion]:
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM memory_versions WHERE project_id = ? AND memory_id = ? ORDER BY version",
                (project_id, memory_id),
            ).fetchall()
        if not rows:
            raise MemoryNotFoundError("Memory not found!")
        return [version_from(row) for row in rows]

    def hide(self, project_id: ProjectId, where: Expression) -> int:
        condition = compile_filter(where)
        with self._database.writing() as connection:
            writes.cut(connection, project_id, owner_pattern(where))
            return connection.execute(
                "UPDATE memories SET hidden = 1, change = ? WHERE row IN"
                f" (SELECT m.row FROM memories m WHERE m.project_id = ? AND {LIVE} AND {condition.sql})",
                (writes.next_change(connection), project_id, *condition.values),
            ).rowcount

    def remove_hidden(self, project_id: ProjectId, *, limit: int, now: datetime) -> int:
        with self._database.writing() as connection:
            rows = connection.execute(
                "SELECT * FROM memories WHERE project_id = ? AND hidden = 1 AND state <> 'deleted'"
                " ORDER BY row LIMIT ?",
                (project_id, limit),
            ).fetchall()
            change = writes.next_change(connection)
            for row in rows:
                writes.replace_memory(connection, row, bury(memory_from(row), now=now), change=change)
            return len(rows)

    def purge(self, project_id: ProjectId, *, older_than: datetime) -> int:
        with self._database.writing() as connection:
            return purge_project(connection, project_id, older_than=older_than)


def _read_place(place: Place) -> tuple[int, int]:
    accepted_us, _, row = place.after.partition(".")
    return int(accepted_us), int(row)


def _live_row(connection: Connection, project_id: ProjectId, memory_id: MemoryId) -> writes.Row:
    row: writes.Row | None = connection.execute(
        f"SELECT * FROM memories m WHERE project_id = ? AND memory_id = ? AND {LIVE}", (project_id, memory_id)
    ).fetchone()
    if row is None:
        raise MemoryNotFoundError("Memory not found!")
    return row
