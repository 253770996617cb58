from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from ricordo.adapters.sqlite import memory_writes as writes
from ricordo.adapters.sqlite.database import Connection, Database
from ricordo.adapters.sqlite.filter_compiler import SqlCondition, compile_filter
from ricordo.adapters.sqlite.rows import LIVE, dump, memory_from, scope_columns, version_from
from ricordo.domain.errors import MemoryNotFoundError
from ricordo.domain.filters import Expression
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import MemoryVersion
from ricordo.domain.moments import to_micros
from ricordo.ports.archive import ArchivedMemory

_PAGE = 200
_VERSION_COLUMNS = (
    "project_id, memory_id, version, change_type, old_text, new_text, user_id, agent_id, app_id, run_id,"
    " metadata, categories, created_us, changed_us"
)


class SqliteArchive:
    """`ports.archive.Archive` over one file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def dump(
        self, project_id: ProjectId, where: Expression, *, includes_deleted: bool = False
    ) -> Iterator[ArchivedMemory]:
        condition = compile_filter(where)
        shown = f"({LIVE} OR m.state = 'deleted')" if includes_deleted else LIVE
        condition = SqlCondition(f"m.project_id = ? AND {shown} AND {condition.sql}", [project_id, *condition.values])
        after = (-1, -1)
        while page := self._page(condition, after):
            yield from (archived for _, archived in page)
            after, _ = page[-1]

    def _page(self, condition: SqlCondition, after: tuple[int, int]) -> list[tuple[tuple[int, int], ArchivedMemory]]:
        """Read the next memories and their histories as of one commit, each with its place."""
        with self._database.reading() as connection:
            connection.execute("BEGIN")
            try:
                rows = connection.execute(
                    f"SELECT m.* FROM memories m WHERE {condition.sql} AND (m.accepted_us, m.row) > (?, ?)"
                    " ORDER BY m.accepted_us, m.row LIMIT ?",
                    (*condition.values, *after, _PAGE),
                ).fetchall()
                return [((row["accepted_us"], row["row"]), _archived(connection, row)) for row in rows]
            finally:
                connection.execute("COMMIT")

    def known(self, project_id: ProjectId, memory_ids: Collection[MemoryId]) -> frozenset[MemoryId]:
        with self._database.reading() as connection:
            return frozenset(memory_id for memory_id in memory_ids if _is_known(connection, project_id, memory_id))

    def restore(self, archived: Sequence[ArchivedMemory]) -> Sequence[bool]:
        with self._database.writing() as connection:
            change = writes.next_change(connection)
            return [_restore(connection, one, change) for one in archived]


def _archived(connection: Connection, row: writes.Row) -> ArchivedMemory:
    versions = connection.execute(
        "SELECT * FROM memory_versions WHERE project_id = ? AND memory_id = ? ORDER BY version",
        (row["project_id"], row["memory_id"]),
    )
    return ArchivedMemory(memory_from(row), tuple(version_from(version) for version in versions))


def _is_known(connection: Connection, project_id: ProjectId, memory_id: MemoryId) -> bool:
    return _row_of(connection, project_id, memory_id) is not None


def _row_of(connection: Connection, project_id: ProjectId, memory_id: MemoryId) -> writes.Row | None:
    row: writes.Row | None = connection.execute(
        "SELECT * FROM memories WHERE project_id = ? AND memory_id = ?", (project_id, memory_id)
    ).fetchone()
    return row


def _restore(connection: Connection, archived: ArchivedMemory, change: int) -> bool:
    memory = archived.memory
    if _is_known(connection, memory.project_id, memory.memory_id):
        return False
    # Its content comes as an update of one that says its own id: an insert would be refused for a held text.
    blank = replace(memory, text=memory.memory_id, version=memory.version - 1)
    writes.insert_memory(connection, blank, place=None, change=change)
    current = _row_of(connection, memory.project_id, memory.memory_id)
    if current is None:
        raise MemoryNotFoundError(f"The memory {memory.memory_id} cannot be restored.")
    writes.replace_memory(connection, current, memory, change=change)
    _write_history(connection, archived)
    return True


def _write_history(connection: Connection, archived: ArchivedMemory) -> None:
    memory = archived.memory
    connection.execute(
        "DELETE FROM memory_versions WHERE project_id = ? AND memory_id = ?",
        (memory.project_id, memory.memory_id),
    )
    connection.executemany(
        f"INSERT INTO memory_versions ({_VERSION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(memory.project_id, *_version_values(version)) for version in archived.versions],
    )


def _version_values(version: MemoryVersion) -> tuple[object, ...]:
    return (
        version.memory_id,
        version.version,
        version.change.value,
        version.old_text,
        version.new_text,
        *scope_columns(version.scope).values(),
        dump(version.metadata),
        dump(version.categories),
        to_micros(version.created_at),
        to_micros(version.changed_at),
    )
