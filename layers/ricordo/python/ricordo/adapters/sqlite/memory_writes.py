"""The statements of one memory's write, all run inside the caller's transaction."""

import hashlib
import sqlite3
from collections.abc import Mapping

from ricordo.adapters.sqlite import graph_rows, word_rows
from ricordo.adapters.sqlite.database import Connection
from ricordo.adapters.sqlite.rows import LIVE, columns_of, dump, memory_from, scope_columns
from ricordo.domain.filters import metadata_token
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import ChangeType, LifecycleState, Memory
from ricordo.domain.moments import to_micros
from ricordo.domain.scope import OwnerType
from ricordo.ports.memory_store import InsertOutcome, Refused, Stored

Row = sqlite3.Row


def next_change(connection: Connection) -> int:
    """Return the number under which this transaction's rows are found by caches."""
    (change,) = connection.execute("UPDATE counters SET change = change + 1 RETURNING change").fetchone()
    return int(change)


def insert_memory(connection: Connection, memory: Memory, *, place: int | None, change: int) -> InsertOutcome:
    """Write a new memory and all that belongs to it, unless it is there, was cut off, or repeats a text."""
    standing = connection.execute(
        "SELECT * FROM memories WHERE project_id = ? AND memory_id = ?", (memory.project_id, memory.memory_id)
    ).fetchone()
    if standing is not None:
        gone = standing["hidden"] or standing["state"] == LifecycleState.DELETED
        return Refused("deleted_meanwhile") if gone else Stored(memory_from(standing))
    if place is not None and _is_cut_off(connection, memory, place):
        return Refused("deleted_meanwhile")
    if _is_held(connection, memory):
        return Refused("duplicate")
    columns = columns_of(memory)
    columns["sequence"] = memory.sequence or _next_sequence(connection, memory)
    columns |= {"text_digest": _text_digest(memory), "change": change}
    names = ", ".join(columns)
    row = connection.execute(
        f"INSERT INTO memories ({names}) VALUES ({', '.join(':' + name for name in columns)})", columns
    ).lastrowid
    stored = connection.execute("SELECT * FROM memories WHERE row = ?", (row,)).fetchone()
    _write_dependents(connection, stored, memory)
    _write_version(connection, memory, ChangeType.ADD, old_text=None)
    return Stored(memory_from(stored))


def replace_memory(connection: Connection, current: Row, memory: Memory, *, change: int) -> None:
    """Write the next version over `current`; a DELETED memory leaves a tombstone."""
    columns = columns_of(memory)
    columns |= {"text_digest": _text_digest(memory), "sequence": current["sequence"], "change": change}
    assignments = ", ".join(f"{name} = :{name}" for name in columns)
    connection.execute(f"UPDATE memories SET {assignments} WHERE row = :row", columns | {"row": current["row"]})
    for table in ("memory_metadata", "memory_categories"):
        connection.execute(f"DELETE FROM {table} WHERE row = ?", (current["row"],))
    word_rows.remove(connection, current["row"])
    graph_rows.remove(connection, memory.project_id, memory.memory_id)
    if memory.state is LifecycleState.DELETED:
        before = memory_from(current)
        _write_version(connection, memory, ChangeType.DELETE, old_text=before.text, described_by=before)
        return
    stored = connection.execute("SELECT * FROM memories WHERE row = ?", (current["row"],)).fetchone()
    _write_dependents(connection, stored, memory)
    _write_version(connection, memory, ChangeType.UPDATE, old_text=current["text"])


def cut(connection: Connection, project_id: ProjectId, pattern: Mapping[OwnerType, str]) -> None:
    """Keep out what was accepted before now for these owners and is not stored yet."""
    connection.execute(
        "INSERT INTO cuts (project_id, user_id, agent_id, app_id, run_id, place)"
        " VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(place), 0) FROM events))",
        (project_id, *(pattern.get(owner_type) for owner_type in OwnerType)),
    )


def _is_cut_off(connection: Connection, memory: Memory, place: int) -> bool:
    return (
        connection.execute(
            "SELECT 1 FROM cuts WHERE project_id = :project AND place >= :place"
            " AND (user_id IS NULL OR (user_id = '*' AND :user_id IS NOT NULL) OR user_id = :user_id)"
            " AND (agent_id IS NULL OR (agent_id = '*' AND :agent_id IS NOT NULL) OR agent_id = :agent_id)"
            " AND (app_id IS NULL OR (app_id = '*' AND :app_id IS NOT NULL) OR app_id = :app_id)"
            " AND (run_id IS NULL OR (run_id = '*' AND :run_id IS NOT NULL) OR run_id = :run_id) LIMIT 1",
            {"project": memory.project_id, "place": place, **scope_columns(memory.scope)},
        ).fetchone()
        is not None
    )


def _text_digest(memory: Memory) -> bytes:
    """Name a text in its scope; SHA-2 and its kin have no known collisions, so this stands for equality."""
    parts = (memory.project_id, memory.scope.digest(), memory.text)
    return hashlib.blake2b(dump(parts).encode(), digest_size=16).digest()


def _is_held(connection: Connection, memory: Memory) -> bool:
    """Say whether a live memory has this text in exactly this scope; writers queue, so none comes between."""
    return (
        connection.execute(
            f"SELECT 1 FROM memories m WHERE m.text_digest = ? AND {LIVE} AND m.state = 'active'"
            " AND (m.expiration_end_us IS NULL OR m.expiration_end_us > ?) LIMIT 1",
            (_text_digest(memory), to_micros(memory.accepted_at)),
        ).fetchone()
        is not None
    )


def _next_sequence(connection: Connection, memory: Memory) -> int:
    (sequence,) = connection.execute(
        "SELECT coalesce(max(sequence), 0) + 1 FROM memories WHERE project_id = ? AND thread = ?",
        (memory.project_id, memory.thread),
    ).fetchone()
    return int(sequence)


def _write_dependents(connection: Connection, row: Row, memory: Memory) -> None:
    connection.executemany(
        "INSERT INTO memory_metadata VALUES (?, ?, ?)",
        [(row["row"], key, metadata_token(value)) for key, value in memory.metadata.items()],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO memory_categories VALUES (?, ?)",
        [(row["row"], category) for category in memory.categories],
    )
    word_rows.write(connection, row)
    graph_rows.write(connection, memory)


def _write_version(
    connection: Connection,
    memory: Memory,
    change: ChangeType,
    *,
    old_text: str | None,
    described_by: Memory | None = None,
) -> None:
    described = described_by or memory
    connection.execute(
        "INSERT INTO memory_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            memory.project_id,
            memory.memory_id,
            memory.version,
            change.value,
            old_text,
            None if change is ChangeType.DELETE else memory.text,
            *scope_columns(memory.scope).values(),
            dump(described.metadata),
            dump(described.categories),
            to_micros(memory.created_at),
            to_micros(memory.updated_at),
        ),
    )
