"""`ricordo import`: everything once, whatever comes between."""

import json
import signal
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.command_line import Installation, write_lines
from support.server import running_server, wait_until

ANA = {"user_id": "ana"}


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    """An empty installation."""
    return Installation(tmp_path / "home")


def conversation(*contents: str, **fields: Any) -> dict[str, Any]:
    """Build a line of messages a user said."""
    return {"messages": [{"role": "user", "content": content} for content in contents], **ANA, **fields}


def statement(text: str, **fields: Any) -> dict[str, Any]:
    """Build a line that is a memory."""
    return {"memory": text, **ANA, **fields}


def numbers(tally: Mapping[str, int], *names: str) -> list[int]:
    """Pick some of the outcome's numbers."""
    return [tally[name] for name in names]


def test_importing_twice_adds_nothing(home: Installation, tmp_path: Path) -> None:
    """GIVEN a file WHEN it is imported twice THEN the second time adds nothing."""
    file = write_lines(
        tmp_path / "both.jsonl",
        [
            conversation("I moved to Lisbon last week.", "My sister is called Rita.", timestamp="2026-01-05T10:00:00Z"),
            conversation("Noted as it is.", infer=False),
            "",
            statement("Ana plays the cello."),
            statement("Ana is 34 years old.", created_at="2025-12-24"),
        ],
    )
    first = home.ok("import", file, "--json").json()
    exported = home.exported()
    assert numbers(first, "lines", "conversations", "known", "bad", "failed", "still_open") == [
        4,
        2,
        0,
        0,
        0,
        0,
    ]
    assert first["memories"] == len(exported) >= 4
    second = home.ok("import", file, "--json").json()
    assert numbers(second, "conversations", "memories", "known") == [0, 0, 4]
    assert home.exported() == exported


def test_a_statement_keeps_what_it_says_of_itself(home: Installation, tmp_path: Path) -> None:
    """Text, time, metadata, categories, expiration and speaker's role of a memory line arrive as they are."""
    line = {
        "id": "ignored",
        "text": "Ana rents a flat.",
        "agent_id": "helper",
        "metadata": {"source": "letter"},
        "categories": ["home"],
        "created_at": "2025-03-01T08:00:00-07:00",
        "expiration_date": "2031-01-01",
        "attributed_to": "assistant",
        "score": 0.3,
    }
    home.ok("import", write_lines(tmp_path / "one.jsonl", [line]))
    (memory,) = home.exported()
    assert memory["memory"] == "Ana rents a flat."
    assert (memory["agent_id"], memory["user_id"]) == ("helper", None)
    assert (memory["metadata"], memory["categories"]) == ({"source": "letter"}, ["home"])
    assert (memory["created_at"], memory["expiration_date"]) == ("2025-03-01T15:00:00Z", "2031-01-01")
    assert (memory["attributed_to"], memory["kind"]) == ("assistant", "verbatim")


def test_bad_lines_are_named_and_stop_nothing(home: Installation, tmp_path: Path) -> None:
    """Each refused line is reported with its number and reason, without its text; the rest is imported."""
    bad = [
        "{not json",
        '["a list"]',
        {"user_id": "ana"},
        {"messages": [{"role": "user", "content": "hi"}]},
        conversation("secret words", timestamp="yesterday"),
        statement("secret words", metadata="none"),
        statement("secret words", expiration_date="soon"),
        conversation(),
        {"ricordo_export": 9, "id": "x"},
        {"ricordo_export": 1, "memory": "secret words"},
        statement("x" * 50_001),
        '{"memory": "Ana", "user_id": "ana", "metadata": {"n": NaN}}',
    ]
    good = statement("Ana plays the cello.")
    ran = home.run("import", write_lines(tmp_path / "mixed.jsonl", [*bad, good]), "--json")
    assert ran.code == 1
    assert numbers(ran.json(), "lines", "memories", "bad") == [len(bad) + 1, 1, len(bad)]
    reported = [line for line in ran.err.splitlines() if line.startswith("line ")]
    assert [int(line.split(":")[0].removeprefix("line ")) for line in reported] == list(range(1, len(bad) + 1))
    assert all(len(line.split(": ", 1)[1]) > 5 for line in reported)
    assert "secret words" not in ran.err + ran.out


def test_strict_stops_at_the_first_bad_line(home: Installation, tmp_path: Path) -> None:
    """With --strict the first refused line ends the import with exit code 1."""
    file = write_lines(tmp_path / "mixed.jsonl", ["{", "{"])
    ran = home.run("import", file, "--strict")
    assert (ran.code, ran.err) == (1, "ricordo: line 1: not valid JSON in UTF-8.\n")


def test_a_line_over_the_limit_is_refused_without_being_read_whole(home: Installation, tmp_path: Path) -> None:
    """A line longer than the API's body limit is reported, and the one after it is imported."""
    long_line = json.dumps(statement("x" * (6 * 1024 * 1024)))
    ran = home.run("import", write_lines(tmp_path / "long.jsonl", [long_line, statement("Ana sings.")]), "--json")
    assert numbers(ran.json(), "lines", "memories", "bad") == [2, 1, 1]
    assert "line 1: longer than 6291456 bytes." in ran.err


def test_defaults_fill_in_what_a_line_leaves_open(home: Installation, tmp_path: Path) -> None:
    """Owners and --no-infer apply to lines that do not say; what a line says wins."""
    file = write_lines(
        tmp_path / "open.jsonl",
        [
            {"messages": "Word for word."},
            {"messages": "Also so.", "user_id": "ben"},
            {"memory": "A fact.", "filters": {}},
        ],
    )
    home.ok("import", file, "--user-id", "cleo", "--run-id", "r1", "--no-infer")
    owned = {memory["memory"]: (memory["user_id"], memory["run_id"]) for memory in home.exported()}
    assert owned == {
        "Word for word.": ("cleo", "r1"),
        "Also so.": ("ben", "r1"),
        "A fact.": ("cleo", "r1"),
    }


def test_the_same_words_for_another_owner_are_another_import(home: Installation, tmp_path: Path) -> None:
    """A file may be imported once for each of several users."""
    file = write_lines(tmp_path / "shared.jsonl", [{"memory": "The office is closed on Mondays."}])
    for user in ("ana", "ben", "ana"):
        home.ok("import", file, "--user-id", user)
    assert [memory["user_id"] for memory in home.exported()] == ["ana", "ben"]


def test_what_was_deleted_is_not_imported_again(home: Installation, tmp_path: Path) -> None:
    """A statement that was imported and deleted stays deleted."""
    file = write_lines(tmp_path / "one.jsonl", [statement("Ana smokes.")])
    home.ok("import", file)
    with closing(sqlite3.connect(home.database)) as database, database:
        database.execute("UPDATE memories SET state = 'deleted', text = ''")
    assert numbers(home.ok("import", file, "--json").json(), "memories", "known") == [0, 1]


def test_stdin_is_imported(home: Installation) -> None:
    """A dash stands for standard input."""
    process = home.start("import", "-", "--json")
    out, err = process.communicate(json.dumps(statement("Ana sings.")))
    assert process.returncode == 0, err
    assert numbers(json.loads(out), "lines", "memories") == [1, 1]


def test_a_missing_file_is_one_line_on_stderr(home: Installation, tmp_path: Path) -> None:
    """No traceback for what a user can get wrong."""
    ran = home.run("import", tmp_path / "nothing.jsonl")
    assert ran.code == 1
    assert ran.err == f"ricordo: {tmp_path / 'nothing.jsonl'}: No such file or directory\n"


def many_conversations(path: Path, count: int) -> Path:
    """Write conversations that differ."""
    lines = [conversation(f"My locker number is {number}.", f"I saw film {number} today.") for number in range(count)]
    return write_lines(path, lines)


def test_a_killed_import_is_continued(home: Installation, tmp_path: Path) -> None:
    """GIVEN an import killed in the middle WHEN it is run again THEN all is there once."""
    file = many_conversations(tmp_path / "many.jsonl", 120)
    process = home.start("import", file)
    wait_until(lambda: accepted(home) > 20)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert 0 < accepted(home) < 120
    end_leases(home)
    tally = home.ok("import", file, "--json").json()
    assert numbers(tally, "lines", "failed", "still_open") == [120, 0, 0]
    assert tally["conversations"] + tally["known"] == accepted(home) == 120
    texts = [memory["memory"] for memory in home.exported()]
    assert len(texts) == len(set(texts)) == 240


def test_an_interrupted_import_says_how_to_go_on(home: Installation, tmp_path: Path) -> None:
    """SIGINT lets the work at hand finish; what was taken in is kept for the next run."""
    file = many_conversations(tmp_path / "many.jsonl", 300)
    process = home.start("import", file)
    wait_until(lambda: accepted(home) > 5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err.splitlines()[-1]) == (
        130,
        "Interrupted; the same command goes on where this one stopped.",
    )
    with closing(sqlite3.connect(home.database)) as database:
        assert database.execute("SELECT count(*) FROM events WHERE status = 'RUNNING'").fetchone() == (0,)


def test_no_wait_leaves_the_work_to_a_server(home: Installation, tmp_path: Path) -> None:
    """With --no-wait conversations are taken in only; a later run with waiting works on them."""
    file = many_conversations(tmp_path / "few.jsonl", 3)
    assert numbers(home.ok("import", file, "--no-wait", "--json").json(), "memories", "still_open") == [0, 3]
    assert numbers(home.ok("import", file, "--json").json(), "memories", "still_open", "known") == [6, 0, 3]


def test_an_import_works_beside_a_running_server(tmp_path: Path) -> None:
    """The server works on what is imported; the import waits for it and both use one file."""
    with running_server(tmp_path / "served", processes="1") as server:
        served = Installation(server.data_dir)
        file = many_conversations(tmp_path / "few.jsonl", 5)
        tally = served.ok("import", file, "--json").json()
        assert numbers(tally, "conversations", "memories", "still_open") == [5, 10, 0]
        worked = [line for line in server.log_lines() if line["message"] == "event"]
        assert len(worked) == 5


def accepted(home: Installation) -> int:
    """Count the events that were taken in."""
    if not home.database.exists():
        return 0
    with closing(sqlite3.connect(home.database)) as database:
        try:
            (count,) = database.execute("SELECT count(*) FROM events").fetchone()
        except sqlite3.OperationalError:
            return 0
    return int(count)


def end_leases(home: Installation) -> None:
    """Let the leases of a killed process end now rather than in a minute."""
    with closing(sqlite3.connect(home.database)) as database, database:
        database.execute("UPDATE events SET due_us = 0 WHERE status = 'RUNNING'")
