"""`ricordo keys`: the life of an API key."""

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.command_line import Installation

from ricordo.local.gateway import Gateway, Reply, Request
from ricordo.runtime.wiring import services


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    """An empty installation."""
    return Installation(tmp_path / "home")


@pytest.fixture
def call(home: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Reply]]:
    """Send a request with a token through the real authorizer and API of this installation."""
    for name, value in home.environment().items():
        monkeypatch.setenv(name, value)
    services.cache_clear()
    from functions.api.handler import handler as api  # noqa: PLC0415  reads the environment
    from functions.authorize.handler import handler as authorizer  # noqa: PLC0415

    gateway = Gateway(api, authorizer)

    def send(token: str, method: str = "GET", path: str = "/v1/ping", body: Any = None) -> Reply:
        headers = (("authorization", f"Token {token}"), ("content-type", "application/json"))
        content = b"" if body is None else json.dumps(body).encode()
        return gateway.respond(Request(method, path, "", headers, content, "127.0.0.1"))

    yield send
    services().close()
    services.cache_clear()


def test_a_key_works_until_it_is_revoked(home: Installation, call: Callable[..., Reply]) -> None:
    """GIVEN a new key THEN it is accepted; WHEN it is revoked THEN it is refused at once."""
    token = home.ok("keys", "create", "--name", "laptop").out.strip()
    assert call(token).status == 200
    (key,) = home.ok("keys", "list", "--json").json()
    revoked = home.ok("keys", "revoke", key["id"], "--json").json()
    assert revoked["revoked_at"] is not None
    assert call(token).status == 401


def test_a_rotated_key_hands_its_name_and_role_on(home: Installation, call: Callable[..., Reply]) -> None:
    """The new key works, the old one does not, and name and role are the same."""
    old = home.ok("keys", "create", "--name", "ci", "--role", "reader", "--json").json()
    new = home.ok("keys", "rotate", old["id"], "--json").json()
    assert (call(old["api_key"]).status, call(new["api_key"]).status) == (401, 200)
    keys = {key["id"]: key for key in home.ok("keys", "list", "--json").json()}
    assert (keys[new["id"]]["name"], keys[new["id"]]["role"]) == ("ci", "reader")
    assert keys[old["id"]]["revoked_at"]
    assert keys[new["id"]]["revoked_at"] is None


def test_a_readers_key_may_only_read(home: Installation, call: Callable[..., Reply]) -> None:
    """A key made with --role reader is refused where something would be written."""
    token = home.ok("keys", "create", "--role", "reader").out.strip()
    added = call(token, "POST", "/v3/memories/add", {"messages": "Hi.", "user_id": "ana", "infer": False})
    listed = call(token, "POST", "/v3/memories", {"filters": {"user_id": "ana"}})
    assert (added.status, listed.status) == (403, 200)


def test_the_list_never_shows_a_secret(home: Installation) -> None:
    """Neither form of the list holds a token, its secret or its hash."""
    token = home.ok("keys", "create", "--name", "laptop").out.strip()
    table, as_json = home.ok("keys", "list").out, home.ok("keys", "list", "--json").out
    _, key_id, secret = token.split("-")
    assert key_id in table
    assert "laptop" in table
    assert secret not in table + as_json
    assert set(json.loads(as_json)[0]) == {"id", "name", "role", "created_at", "revoked_at"}


def test_rotating_the_key_in_the_file_rewrites_the_file(home: Installation) -> None:
    """The file `api-key` holds a key in force, privately; other keys' rotations leave it alone."""
    first = home.ok("keys", "create", "--json").json()
    other = home.ok("keys", "create", "--json").json()
    place = home.data_dir / "api-key"
    place.write_text(first["api_key"] + "\n")
    home.ok("keys", "rotate", other["id"])
    assert place.read_text().strip() == first["api_key"]
    new = home.ok("keys", "rotate", first["id"], "--json").json()
    assert place.read_text().strip() == new["api_key"]
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_revoking_the_last_writing_key_is_pointed_out(home: Installation) -> None:
    """Nobody locks himself out unawares."""
    key = home.ok("keys", "create", "--json").json()
    home.ok("keys", "create", "--role", "reader")
    assert "No key that may write is left" in home.ok("keys", "revoke", key["id"]).err


@pytest.mark.parametrize("command", ["revoke", "rotate"])
def test_an_unknown_key_is_one_line_on_stderr(home: Installation, command: str) -> None:
    """What does not exist is named without a traceback."""
    ran = home.run("keys", command, "feedfeedfeedfeed")
    assert (ran.code, ran.out, ran.err) == (1, "", "ricordo: No such API key.\n")
