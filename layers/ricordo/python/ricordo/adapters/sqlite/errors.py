"""What SQLite's failures mean to us."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from ricordo.domain.errors import RicordoError, StoreBusyError, StoreFormatError, UnavailableError

_PRIMARY_CODE = 0xFF
ERRORS: Mapping[int, tuple[type[RicordoError], str]] = {
    sqlite3.SQLITE_BUSY: (StoreBusyError, "The database is busy; try again."),
    sqlite3.SQLITE_LOCKED: (StoreBusyError, "The database is busy; try again."),
    sqlite3.SQLITE_FULL: (UnavailableError, "The disk is full."),
    sqlite3.SQLITE_IOERR: (UnavailableError, "The database file cannot be read or written."),
    sqlite3.SQLITE_READONLY: (UnavailableError, "The database file is read-only."),
    sqlite3.SQLITE_CANTOPEN: (UnavailableError, "The database file cannot be opened."),
    sqlite3.SQLITE_CORRUPT: (StoreFormatError, "The database file is damaged; restore a backup."),
    sqlite3.SQLITE_NOTADB: (StoreFormatError, "The file is not a Ricordo database."),
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise our error for one of SQLite's; a fault of the program passes as it is."""
    try:
        yield
    except sqlite3.Error as error:
        known = ERRORS.get(getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE)
        if known is None:
            raise
        ours, message = known
        raise ours(message) from error
