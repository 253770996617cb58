"""`ricordo consolidate`."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.command_line import Installation, write_lines

NIGHT = "2026-03-10T02:00:00Z"
HOUR_US = 3_600_000_000
IN_STEP = {"missing": 0, "stale": 0, "orphaned": 0, "mended": 0}


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    """An installation that has known something of two users for an hour."""
    home = Installation(tmp_path / "home")
    lines = [{"memory": "Ana plays the cello.", "user_id": "ana"}, {"memory": "Bo plays chess.", "user_id": "bo"}]
    home.ok("import", write_lines(tmp_path / "lines.jsonl", lines))
    for connection in opened(home):
        connection.execute(
            "UPDATE memories SET accepted_us = accepted_us - :hour, updated_us = updated_us - :hour", {"hour": HOUR_US}
        )
    return home


def opened(home: Installation) -> Iterator[sqlite3.Connection]:
    """Open the file beside the program, and commit."""
    with closing(sqlite3.connect(home.data_dir / "ricordo.db")) as connection, connection:
        yield connection


def consolidated(home: Installation, at: str = NIGHT) -> Any:
    """Make a run; return what it did in the only project."""
    told = home.ok("consolidate", "--at", at).json()
    assert told["run"] == at
    (report,) = told["projects"]
    return report


def test_a_run_takes_each_change_in_once(home: Installation) -> None:
    """The scopes that changed are counted the first time; what is in step stays as it is."""
    report = consolidated(home)
    assert (report["scopes"], report["failed"], report["swept"], report["error"]) == (2, 0, 0, None)
    assert report["index"] == report["graph"] == IN_STEP

    assert consolidated(home, "2026-03-11T02:00:00Z")["scopes"] == 0


def test_words_and_edges_are_mended(home: Installation) -> None:
    """GIVEN a file whose words and edges are not those of its memories WHEN it is consolidated THEN they are again."""
    for connection in opened(home):
        connection.execute("DELETE FROM memory_words WHERE rowid = 1")
        connection.execute("UPDATE memories SET state = 'deleted', hidden = 0 WHERE row = 2")
        (project_id,) = connection.execute("SELECT project_id FROM memories").fetchone()
        connection.execute("INSERT INTO mentions VALUES (?, 'zoe', 'nobody', 'Zoe', 'person')", (project_id,))

    report = consolidated(home)

    assert report["index"] == {"missing": 1, "stale": 0, "orphaned": 1, "mended": 2}
    assert report["graph"]["mended"] == report["graph"]["orphaned"] >= 1
    for connection in opened(home):
        assert connection.execute("SELECT rowid FROM memory_words").fetchall() == [(1,)]
        assert connection.execute("SELECT count(*) FROM mentions WHERE memory_id = 'nobody'").fetchone() == (0,)


def test_a_time_that_is_none_is_refused(home: Installation) -> None:
    """One line says what is wrong."""
    ran = home.run("consolidate", "--at", "tonight")
    assert ran.code == 1
    assert ran.err.startswith("ricordo: at must be a date")
