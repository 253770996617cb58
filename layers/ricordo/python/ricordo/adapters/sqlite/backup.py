"""Copies of the file, taken while it is in use, and whether a file may take its place.

A copy in one step is one read transaction, which in WAL mode no writer waits for.
https://sqlite.org/backup.html
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ricordo.adapters.sqlite.database import APPLICATION_ID, MIGRATIONS, Connection
from ricordo.adapters.sqlite.errors import translated
from ricordo.domain.errors import StoreFormatError

_ALL_PAGES = -1


def copy_database(source: Path, destination: Path) -> None:
    """Copy a database as of its last commit to a file that must not exist, which only its owner can read.

    The copy is one file, checked in full and written through to the disk.

    Raises:
        StoreFormatError: the source is not ours, newer than this program or damaged.
        UnavailableError: a file cannot be read or written, or the disk is full.
    """
    os.close(os.open(destination, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with _reading(source) as connection, translated(), closing(sqlite3.connect(destination)) as copy:
            connection.backup(copy, pages=_ALL_PAGES)
            copy.execute("PRAGMA journal_mode=DELETE")
        check_database(destination)
        _write_through(destination)
    except BaseException:
        destination.unlink(missing_ok=True)
        raise


def check_database(path: Path) -> int:
    """Return the schema version of a sound database of ours.

    Raises:
        StoreFormatError: it is not ours, newer than this program or damaged.
        UnavailableError: it cannot be read.
    """
    with _reading(path) as connection, translated():
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    if verdict != "ok":
        raise StoreFormatError(f"{path} is damaged: {verdict}.")
    return int(version)


def empty_journal(path: Path) -> bool:
    """Move what the write-ahead log holds into the file; False when another program has the file open.

    Raises:
        StoreFormatError: the database is damaged.
    """
    with translated(), closing(_opened(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not Path(f"{path}-wal").exists()


@contextmanager
def _reading(path: Path) -> Iterator[Connection]:
    with translated(), closing(_opened(path)) as connection:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION_ID:
            raise StoreFormatError(f"{path} is not a Ricordo database.")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        known = len(list(MIGRATIONS.glob("*.sql")))
        if version > known:
            raise StoreFormatError(
                f"{path} has schema {version}, this version of Ricordo knows {known}: install a newer one."
            )
        yield connection


def _opened(path: Path) -> Connection:
    # Not `mode=ro`: such a connection leaves the journal it reads lying about. A missing file is not made.
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None)


def _write_through(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
