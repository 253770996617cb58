"""`ricordo doctor`: what works and what does not."""

import http.server
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.command_line import Installation, Ran, write_lines
from support.server import free_port


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    """An installation with a key and a memory."""
    home = Installation(tmp_path / "home")
    home.ok("keys", "create")
    line = {"memory": "Ana plays the cello.", "user_id": "ana"}
    home.ok("import", write_lines(tmp_path / "line.jsonl", [line]))
    return home


def examined(home: Installation, **variables: str) -> Ran:
    """Run the doctor on a port that is free."""
    return home.run("doctor", "--json", **({"port": str(free_port())} | variables))


def failures(ran: Ran) -> dict[str, str]:
    """Return the checks that failed."""
    return {check["name"]: check["detail"] for check in ran.json()["checks"] if not check["works"]}


@pytest.fixture
def other_program() -> Iterator[int]:
    """A program that is no server of ours and listens on a port."""
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_a_sound_installation_passes(home: Installation) -> None:
    """Everything works, exit code 0, and nothing has changed."""
    before = home.exported(), sorted(path.name for path in home.data_dir.iterdir())
    ran = examined(home)
    assert (ran.code, failures(ran)) == (0, {})
    assert ran.json()["counts"] == {
        "projects": 1,
        "keys": 1,
        "memories": 1,
        "memories_without_vector": 0,
        "owners": 1,
        "open_events": 0,
        "failed_events": 0,
    }
    assert (home.exported(), sorted(path.name for path in home.data_dir.iterdir())) == before


def test_it_reads_for_people_too(home: Installation) -> None:
    """Without --json the same is printed in lines."""
    text = home.run("doctor", port=str(free_port())).out
    assert "ok    database: sound, schema" in text
    assert f"RICORDO_DATA_DIR={home.data_dir} (environment)" in text
    assert "memories 1" in text


def test_before_the_first_start_nothing_is_made(tmp_path: Path) -> None:
    """An empty place passes, and the doctor leaves it empty."""
    ran = examined(Installation(tmp_path / "none"))
    assert ran.code == 0
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_masked(home: Installation) -> None:
    """A secret setting is told as set, never shown."""
    ran = examined(home, key_secret="very-secret-pepper")
    assert "very-secret-pepper" not in ran.out + ran.err
    settings: dict[str, Any] = {setting["name"]: setting for setting in ran.json()["settings"]}
    assert settings["RICORDO_KEY_SECRET"] == {
        "name": "RICORDO_KEY_SECRET",
        "value": "(set)",
        "source": "environment",
    }
    assert settings["RICORDO_HOST"]["source"] == "default"


def test_a_file_that_is_no_database_fails(home: Installation) -> None:
    """The check that fails says why, the others go on, exit code 1."""
    home.database.write_bytes(b"rubbish" * 1000)
    ran = examined(home)
    assert ran.code == 1
    assert failures(ran)["database"] == "The file is not a Ricordo database."
    assert "embedder" not in failures(ran)


def test_a_newer_database_fails(home: Installation) -> None:
    """A schema from the future is named."""
    with closing(sqlite3.connect(home.database)) as database, database:
        database.execute("PRAGMA user_version = 999")
    assert "999" in failures(examined(home))["database"]


def test_a_missing_secret_fails(home: Installation) -> None:
    """Without the hashing secret no key can be checked; the doctor does not make a new one."""
    (home.data_dir / "key-secret").unlink()
    assert "no API key can be checked" in failures(examined(home))["keys"]
    assert not (home.data_dir / "key-secret").exists()


def test_a_secret_others_can_read_fails(home: Installation) -> None:
    """Files with secrets must be private."""
    (home.data_dir / "key-secret").chmod(0o644)
    assert "can be read by others" in failures(examined(home))["keys"]


def test_a_port_taken_by_another_program_fails(home: Installation, other_program: int) -> None:
    """A port on which something else answers is no port for the server."""
    assert failures(examined(home, port=str(other_program))).keys() == {"port"}


def test_a_setting_that_cannot_be_read_is_one_line(home: Installation) -> None:
    """A wrong variable is named without a traceback."""
    ran = home.run("doctor", port="eighty")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert ran.err.startswith("ricordo: RICORDO_PORT must be")
