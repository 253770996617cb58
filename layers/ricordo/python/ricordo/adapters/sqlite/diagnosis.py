"""What is wrong with a database file, if anything is, and what it holds. Nothing is left behind."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ricordo.adapters.sqlite.database import MIGRATIONS, Database
from ricordo.adapters.sqlite.errors import translated
from ricordo.adapters.sqlite.rows import LIVE

COUNTS: Mapping[str, str] = {
    "projects": "SELECT count(*) FROM projects",
    "keys": "SELECT count(*) FROM api_keys WHERE revoked_us IS NULL",
    "memories": f"SELECT count(*) FROM memories m WHERE {LIVE}",
    "memories_without_vector": f"SELECT count(*) FROM memories m WHERE {LIVE} AND embedding IS NULL",
    "owners": "SELECT count(*) FROM owners",
    "open_events": "SELECT count(*) FROM events WHERE status IN ('PENDING', 'RUNNING')",
    "failed_events": "SELECT count(*) FROM events WHERE status = 'FAILED'",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a look into the file found.

    Attributes:
        schema: Schema version of the file; `known_schema` is this program's.
        verdict: `ok`, or what SQLite's quick check complains of first.
    """

    schema: int
    known_schema: int
    verdict: str
    counts: Mapping[str, int]


def diagnose(path: Path) -> Diagnosis:
    """Look into a database that exists; it is neither migrated nor changed.

    Raises:
        StoreFormatError: it is not ours, or damaged beyond reading.
        UnavailableError: it cannot be opened.
    """
    with closing(Database(path)) as database, database.reading() as connection:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        (schema,) = connection.execute("PRAGMA user_version").fetchone()
        known = len(list(MIGRATIONS.glob("*.sql")))
        counts = {
            name: int(connection.execute(query).fetchone()[0]) for name, query in COUNTS.items() if schema == known
        }
    return Diagnosis(schema, known, verdict, counts)


def probe_write(path: Path) -> bool:
    """Write, read back and roll back; say whether what was written was read.

    Raises:
        UnavailableError: the file cannot be written, the disk is full, or another writer does not finish.
    """
    with closing(Database(path)) as database, database.reading() as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute("CREATE TABLE probe (word TEXT)")
            connection.execute("INSERT INTO probe VALUES ('ricordo')")
            (word,) = connection.execute("SELECT word FROM probe").fetchone()
        finally:
            connection.execute("ROLLBACK")
    return bool(word == "ricordo")


def has_full_text_search() -> bool:
    """Say whether this SQLite was built with FTS5."""
    try:
        with translated(), closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("CREATE VIRTUAL TABLE probe USING fts5 (word)")
    except sqlite3.OperationalError:
        return False
    return True
