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
from ricordo.domain.filters import All, Expression, OwnedBy
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory, MemoryVersion, bury
from ricordo.domain.paging import Page, PageRequest
from ricordo.domain.scope import WILDCARD, OwnerType
from ricordo.ports.memory_store import InsertOutcome

_MAX_VARIABLES = 500


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
        with self._database.reading() as connection:
            (total,) = connection.execute(f"SELECT count(*) {matching}", (project_id, *condition.values)).fetchone()
            heads = connection.execute(
                f"SELECT m.row, m.change {matching} ORDER BY m.accepted_us DESC, m.row DESC LIMIT ? OFFSET ?",
                (project_id, *condition.values, page.size, page.offset),
            ).fetchall()
            memories = self._hydrated(connection, heads)
        return Page([memories[row] for row, _ in heads if row in memories], total, page)

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
            writes.cut(connection, project_id, _owner_pattern(where))
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


def _live_row(connection: Connection, project_id: ProjectId, memory_id: MemoryId) -> writes.Row:
    row: writes.Row | None = connection.execute(
        f"SELECT * FROM memories m WHERE project_id = ? AND memory_id = ? AND {LIVE}", (project_id, memory_id)
    ).fetchone()
    if row is None:
        raise MemoryNotFoundError("Memory not found!")
    return row


def _owner_pattern(where: Expression) -> dict[OwnerType, str]:
    """Spell a conjunction of owners as one value an owner type; the wildcard stays one."""
    parts = where.parts if isinstance(where, All) else (where,)
    pattern: dict[OwnerType, str] = {}
    for part in parts:
        if not isinstance(part, OwnedBy) or (part.ids is not None and len(part.ids) != 1):
            raise TypeError("hide takes one owner a type, or the wildcard")
        pattern[part.type] = WILDCARD if part.ids is None else next(iter(part.ids))
    return pattern
