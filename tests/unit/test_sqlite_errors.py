"""What SQLite's failures mean to us."""

import sqlite3
from pathlib import Path

import pytest
from support.builders import a_memory

from ricordo.adapters.sqlite.database import Database, migrate
from ricordo.adapters.sqlite.errors import ERRORS, translated
from ricordo.adapters.sqlite.memory_store import SqliteMemoryStore
from ricordo.domain.errors import RicordoError, StoreBusyError, StoreFormatError, UnavailableError

# Result codes of https://sqlite.org/rescode.html that only a fault of the program, or of a hook it sets, can
# bring about: they pass as they are, so that nobody retries them.
FAULTS = {
    "SQLITE_OK", "SQLITE_ERROR", "SQLITE_INTERNAL", "SQLITE_PERM", "SQLITE_ABORT", "SQLITE_NOMEM",
    "SQLITE_INTERRUPT",
    "SQLITE_NOTFOUND", "SQLITE_PROTOCOL", "SQLITE_EMPTY", "SQLITE_SCHEMA", "SQLITE_TOOBIG",
    "SQLITE_CONSTRAINT",
    "SQLITE_MISMATCH", "SQLITE_MISUSE", "SQLITE_NOLFS", "SQLITE_AUTH", "SQLITE_FORMAT", "SQLITE_RANGE",
    "SQLITE_NOTICE", "SQLITE_WARNING", "SQLITE_ROW", "SQLITE_DONE",
}  # fmt: skip
# Constants of the module that are authorizer actions, answers or limits, and no result codes.
PRIMARY_CODES = set(range(29)) | {100, 101}


def codes() -> dict[str, int]:
    """Return the primary result codes this Python knows, by name."""
    named = {name: getattr(sqlite3, name) for name in dir(sqlite3) if name.startswith("SQLITE_")}
    actions = ("_CREATE_", "_DROP_", "_LIMIT_", "_ALTER_", "_DBCONFIG_")
    others = {
        "SQLITE_DENY", "SQLITE_IGNORE", "SQLITE_DELETE", "SQLITE_INSERT", "SQLITE_PRAGMA", "SQLITE_READ",
        "SQLITE_SELECT",
        "SQLITE_TRANSACTION", "SQLITE_UPDATE", "SQLITE_ATTACH", "SQLITE_DETACH", "SQLITE_REINDEX",
        "SQLITE_ANALYZE",
        "SQLITE_FUNCTION", "SQLITE_SAVEPOINT", "SQLITE_RECURSIVE",
    }  # fmt: skip
    return {
        name: code
        for name, code in named.items()
        if code in PRIMARY_CODES and name not in others and not any(action in name for action in actions)
    }


def test_every_result_code_is_decided_about() -> None:
    """Each primary code is either one of our errors or a known fault of the program; none is both."""
    known = codes()
    assert len(known) > 25

    assert {name for name, code in known.items() if code not in ERRORS} == FAULTS
    assert set(ERRORS) <= set(known.values())


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_a_failure_is_raised_as_ours(code: int) -> None:
    """The extended code decides by its primary part; the message helps, SQLite's error is the cause."""
    kind, message = ERRORS[code]
    error = sqlite3.OperationalError("database is whatever")
    error.sqlite_errorcode = code | 5 << 8

    with pytest.raises(kind, match=message) as caught, translated():
        raise error

    assert caught.value.__cause__ is error
    assert message.endswith(".")
    assert issubclass(kind, UnavailableError | StoreFormatError)


@pytest.mark.parametrize("error", [
    sqlite3.IntegrityError("constraint"), sqlite3.OperationalError("no such table"),
    sqlite3.ProgrammingError("closed"),
    ValueError("ours"),
])  # fmt: skip
def test_a_fault_of_the_program_passes_as_it_is(error: Exception) -> None:
    """What a retry cannot heal is not dressed up as unavailable."""
    with pytest.raises(type(error)) as caught, translated():
        raise error

    assert caught.value is error
    assert not isinstance(caught.value, RicordoError)


def test_a_locked_database_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that waits in vain for the lock says so, and can write once it is free."""
    monkeypatch.setattr("ricordo.adapters.sqlite.database.BUSY_TIMEOUT_S", 0.01)
    database, other = Database(tmp_path / "a.db"), Database(tmp_path / "a.db")
    migrate(database)
    with other.writing(), pytest.raises(StoreBusyError):
        SqliteMemoryStore(database).insert([a_memory()])
    assert SqliteMemoryStore(database).insert([a_memory()])
    database.close()
    other.close()


def test_a_full_disk_is_unavailable_and_leaves_the_connection_usable(tmp_path: Path) -> None:
    """Nothing of the write is seen, and once there is room the same connection writes again."""
    database = Database(tmp_path / "a.db")
    migrate(database)
    store = SqliteMemoryStore(database)
    (pages,) = database.connection.execute("PRAGMA page_count").fetchone()
    database.connection.execute(f"PRAGMA max_page_count={pages + 2}")

    with pytest.raises(UnavailableError, match="full"):
        store.insert([a_memory("x" * 100_000)])

    database.connection.execute(f"PRAGMA max_page_count={pages + 1000}")
    assert store.insert([a_memory("x" * 100_000)])
    database.close()


def test_a_missing_folder_is_unavailable(tmp_path: Path) -> None:
    """A file that cannot be opened is our error, not SQLite's."""
    with pytest.raises(UnavailableError):
        migrate(Database(tmp_path / "missing" / "a.db"))
