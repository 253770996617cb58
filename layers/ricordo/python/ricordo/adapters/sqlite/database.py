"""The one file: connections, transactions and migrations.

WAL with `synchronous=FULL`: a commit survives a crash of the process and of the machine; readers never wait
for the writer. Writers queue at `BEGIN IMMEDIATE`. Any number of processes and threads may open the file.
"""

import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ricordo.adapters.sqlite.errors import translated
from ricordo.domain.episode import bare_utterance
from ricordo.domain.errors import StoreFormatError
from ricordo.domain.graph import entity_key

APPLICATION_ID = 0x52696364
BUSY_TIMEOUT_S = 30.0
_PAUSE_S = 0.01
OLDEST_SQLITE = (3, 37, 0)
SQLITE_VARIABLES = 32_766  # SQLite's own default; Debian's build has more, and tests shall fail there too
MIGRATIONS = Path(__file__).parent / "migrations"

Connection = sqlite3.Connection


class Database:
    """Hands out one connection a thread to the file at `path`."""

    def __init__(self, path: Path) -> None:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise StoreFormatError(f"SQLite {sqlite3.sqlite_version} is too old; 3.37 or newer is needed.")
        self.path = path
        self._local = threading.local()
        self._opened: list[tuple[threading.Thread, Connection]] = []
        self._opening = threading.Lock()

    @property
    def connection(self) -> Connection:
        """This thread's connection."""
        connection: Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            with translated():
                connection = _connect(self.path)
            self._local.connection = connection
            self._keep(connection)
        return connection

    def _keep(self, connection: Connection) -> None:
        """Remember a connection so as to close it some time, and close those of threads that have ended."""
        with self._opening:
            ended = [(thread, left) for thread, left in self._opened if not thread.is_alive()]
            self._opened = [opened for opened in self._opened if opened not in ended]
            self._opened.append((threading.current_thread(), connection))
        for _, left in ended:
            left.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Run a block as one write transaction: all of it or nothing."""
        connection = self.connection
        with translated():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # a full disk makes SQLite roll back by itself
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Run statements that read; each sees the last commit."""
        with translated():
            yield self.connection

    def data_version(self) -> int:
        """Return a number that changes when another connection has committed."""
        with self.reading() as connection:
            (version,) = connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def close(self) -> None:
        """Close the connections of all threads; none may be at work. A thread that goes on gets a new one."""
        with self._opening:
            opened, self._opened = self._opened, []
            self._local = threading.local()
        for _, connection in opened:
            connection.close()


def _connect(path: Path) -> Connection:
    # A connection is used by its thread alone; another one may close it once that thread is done.
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: Connection) -> None:
    _require_ours(connection)  # before the journal mode, which is written into the file
    connection.row_factory = sqlite3.Row
    connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, SQLITE_VARIABLES)
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")
    connection.create_function("casefold", 1, _casefold, deterministic=True)
    connection.create_function("entity_key", 1, entity_key, deterministic=True)
    connection.create_function("owner_terms", 5, owner_terms, deterministic=True)
    connection.create_function("bare_utterance", 2, bare_utterance, deterministic=True)


def _write_ahead(connection: Connection) -> None:
    """Switch the file to WAL; SQLite gives up at once where another process switches it too, so wait here."""
    patience_ends = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > patience_ends:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def _casefold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def owner_term(project_id: str, field: str, owner_id: str) -> str:
    """Return the word under which the text index lists what this owner has."""
    name = f"{len(project_id)}:{project_id}{field}{owner_id}"
    return "o" + hashlib.blake2b(name.encode(), digest_size=8).hexdigest()


def owner_terms(
    project_id: str, user_id: str | None, agent_id: str | None, app_id: str | None, run_id: str | None
) -> str:
    """Return the words for all owners of a row, and one for its project."""
    owners = {"user": user_id, "agent": agent_id, "app": app_id, "run": run_id}
    terms = [owner_term(project_id, field, owner) for field, owner in owners.items() if owner is not None]
    return " ".join([owner_term(project_id, "project", ""), *terms])


def migrate(database: Database) -> int:
    """Bring the file to this program's schema, in one transaction a step; return the schema version.

    Raises:
        StoreFormatError: the file is not ours, or newer than this program.
    """
    steps = sorted(MIGRATIONS.glob("*.sql"))
    with database.writing() as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(steps):
            raise StoreFormatError(
                f"The database has schema {version}, this version of Ricordo knows {len(steps)}: install a newer one."
            )
        for number, step in enumerate(steps[version:], start=version + 1):
            _run_script(connection, step.read_text("utf-8"))
            connection.execute(f"PRAGMA user_version={number}")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    return len(steps)


def _require_ours(connection: Connection) -> None:
    # Tables first: whoever makes them right now marks the file in the same transaction.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID and tables:
        raise StoreFormatError("The file is an SQLite database, but not Ricordo's.")


def _run_script(connection: Connection, script: str) -> None:
    """Run statements one by one: `executescript` would commit first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
