"""`ricordo backup` and `ricordo restore`."""

import sqlite3
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support.command_line import Installation, write_lines
from support.server import running_server

from ricordo.local.server_lock import is_served, serving


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    """An installation with a key and a memory."""
    home = Installation(tmp_path / "home")
    home.ok("keys", "create", "--name", "laptop")
    remember(home, tmp_path, "Ana plays the cello.")
    return home


def remember(home: Installation, folder: Path, text: str) -> None:
    """Import one memory."""
    home.ok("import", write_lines(folder / "line.jsonl", [{"memory": text, "user_id": "ana"}]))


def texts(home: Installation) -> list[str]:
    """Return what is remembered."""
    return [line["memory"] for line in home.exported()]


def test_a_backup_restored_elsewhere_is_the_same(home: Installation, tmp_path: Path) -> None:
    """GIVEN a backup WHEN it is restored into an empty folder THEN memories and keys work there as before."""
    backup = tmp_path / "backup.db"
    home.ok("backup", backup)
    other = Installation(tmp_path / "other")
    other.ok("restore", backup)
    assert other.exported() == home.exported()
    assert other.ok("keys", "list", "--json").out == home.ok("keys", "list", "--json").out
    secrets = [(one.data_dir / "key-secret").read_text() for one in (home, other)]
    assert secrets[0] == secrets[1] == (tmp_path / "backup.db.key-secret").read_text()


def test_a_backup_is_private_and_one_file(home: Installation, tmp_path: Path) -> None:
    """Database and secret can be read by their owner only, and no journal lies beside them."""
    home.ok("backup", tmp_path / "backup.db")
    written = sorted(path for path in tmp_path.iterdir() if path.name.startswith("backup.db"))
    assert [path.name for path in written] == ["backup.db", "backup.db.key-secret"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}


def test_a_backup_does_not_overwrite_unless_told(home: Installation, tmp_path: Path) -> None:
    """An existing file is kept without --force and replaced with it."""
    place = tmp_path / "backup.db"
    place.write_text("mine")
    assert home.run("backup", place).code == 1
    assert place.read_text() == "mine"
    home.ok("backup", place, "--force")
    assert place.read_bytes().startswith(b"SQLite format 3")


@contextmanager
def writer(database: Path) -> Iterator[threading.Event]:
    """Add and remove a pair of rows, always both in one transaction, until the block ends."""
    stop, wrote = threading.Event(), threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as connection:
            number = 0
            while not stop.is_set():
                number += 1
                connection.execute("BEGIN IMMEDIATE")
                for side in ("left", "right"):
                    connection.execute(
                        "INSERT INTO owners VALUES ('p', ?, ?, 0, 0, ?)", (side, str(number), "x" * 4000)
                    )
                connection.execute("COMMIT")
                wrote.set()

    thread = threading.Thread(target=write)
    thread.start()
    wrote.wait(10)
    try:
        yield wrote
    finally:
        stop.set()
        thread.join()


def test_a_backup_taken_while_others_write_is_of_one_moment(home: Installation, tmp_path: Path) -> None:
    """GIVEN a writer that writes pairs WHEN backups are taken meanwhile THEN each holds whole pairs only."""
    with writer(home.database):
        for number in range(3):
            home.ok("backup", tmp_path / f"{number}.db")
    pairs = []
    for number in range(3):
        with closing(sqlite3.connect(tmp_path / f"{number}.db")) as copy:
            left, right = (
                copy.execute("SELECT count(*) FROM owners WHERE type = ?", (side,)).fetchone()[0]
                for side in ("left", "right")
            )
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert left == right
        pairs.append(left)
    assert pairs[0] < pairs[-1]


def test_a_restore_keeps_what_was_there(home: Installation, tmp_path: Path) -> None:
    """The database before is kept, each time under a name of its own."""
    home.ok("backup", tmp_path / "backup.db")
    remember(home, tmp_path, "Ana has a boat.")
    assert "before-restore" in home.ok("restore", tmp_path / "backup.db").out
    assert texts(home) == ["Ana plays the cello."]
    home.ok("restore", home.data_dir / "ricordo.db.before-restore")
    assert texts(home) == ["Ana plays the cello.", "Ana has a boat."]
    kept = {path.name for path in home.data_dir.iterdir() if "before-restore" in path.name}
    assert kept == {"ricordo.db.before-restore", "ricordo.db.before-restore-2"}


def test_a_damaged_database_can_be_restored_over(home: Installation, tmp_path: Path) -> None:
    """GIVEN a database that cannot be read any more THEN a backup takes its place all the same."""
    home.ok("backup", tmp_path / "backup.db")
    home.database.write_bytes(b"rubbish" * 1000)
    home.ok("restore", tmp_path / "backup.db")
    assert texts(home) == ["Ana plays the cello."]


def test_a_restore_refuses_while_a_server_runs(home: Installation, tmp_path: Path) -> None:
    """A running server keeps its database; once it has stopped the restore goes on."""
    home.ok("backup", tmp_path / "backup.db")
    with running_server(home.data_dir, processes="1") as server:
        assert is_served(home.data_dir)
        ran = home.run("restore", tmp_path / "backup.db")
        assert (ran.code, ran.err) == (1, f"ricordo: A server runs on {home.data_dir}; stop it first.\n")
        assert server.stop() == 0
    assert not is_served(home.data_dir)
    home.ok("restore", tmp_path / "backup.db")


def test_servers_share_the_lock(tmp_path: Path) -> None:
    """Several servers may run on one folder; it is served until the last one ends."""
    with serving(tmp_path):
        with serving(tmp_path):
            assert is_served(tmp_path)
        assert is_served(tmp_path)
    assert not is_served(tmp_path)


def test_a_restore_refuses_while_another_program_has_the_database_open(home: Installation, tmp_path: Path) -> None:
    """An open connection would go on writing into the file that was set aside."""
    home.ok("backup", tmp_path / "backup.db")
    script = f"import sqlite3; c = sqlite3.connect({str(home.database)!r}); c.execute('SELECT * FROM owners');"
    holder = subprocess.Popen(
        ["python3", "-c", f"{script} print('open', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    ran = home.run("restore", tmp_path / "backup.db")
    holder.communicate("\n")
    assert (ran.code, ran.err) == (1, f"ricordo: Another program has {home.database} open; end it first.\n")
    assert texts(home) == ["Ana plays the cello."]


@pytest.mark.parametrize("kind", ["missing", "text", "foreign", "newer", "damaged"])
def test_a_restore_refuses_what_is_no_backup(home: Installation, tmp_path: Path, kind: str) -> None:
    """Anything but a sound Ricordo database of this version or an older one leaves all as it is."""
    source = tmp_path / "source.db"
    if kind == "text":
        source.write_text("no database " * 100)
    elif kind == "foreign":
        with closing(sqlite3.connect(source)) as foreign, foreign:
            foreign.execute("CREATE TABLE t (a)")
    elif kind in {"newer", "damaged"}:
        home.ok("backup", source)
        spoil(source, kind)
    before = home.exported()
    ran = home.run("restore", source)
    assert ran.code == 1
    assert ran.err.startswith("ricordo: ")
    assert ran.err.count("\n") == 1
    assert home.exported() == before
    assert not list(home.data_dir.glob("*restor*"))


def spoil(source: Path, kind: str) -> None:
    """Make a backup newer than this program, or damage a page in its middle."""
    if kind == "newer":
        with closing(sqlite3.connect(source)) as database, database:
            database.execute("PRAGMA user_version = 999")
        return
    content = bytearray(source.read_bytes())
    middle = len(content) // 8192 * 4096
    content[4096:middle] = b"\xff" * (middle - 4096)
    source.write_bytes(content)


def test_a_backup_without_its_secret_says_so(home: Installation, tmp_path: Path) -> None:
    """Without the secret the keys of another folder cannot work, and the user is told."""
    home.ok("backup", tmp_path / "backup.db")
    (tmp_path / "backup.db.key-secret").unlink()
    ran = Installation(tmp_path / "other").ok("restore", tmp_path / "backup.db")
    assert "backup.db.key-secret is not there" in ran.err


def test_there_is_nothing_to_back_up_before_the_first_start(tmp_path: Path) -> None:
    """An empty folder is refused in one line, and stays empty."""
    ran = Installation(tmp_path / "none").run("backup", tmp_path / "backup.db")
    assert (ran.code, ran.err) == (1, f"ricordo: There is no database in {tmp_path / 'none'}.\n")
    assert list(tmp_path.iterdir()) == []
