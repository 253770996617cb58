"""The server starts, stops, is killed and comes back with all it acknowledged."""

import itertools
import os
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.server import RunningServer, running_server, wait_until

CLIENTS = 4
ENOUGH = 40


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server of this test's own, on a new folder."""
    with running_server(tmp_path / "data") as running:
        yield running


def connect(server: RunningServer) -> httpx.Client:
    """Return a client with the key."""
    headers = {"Authorization": f"Token {server.api_key}"}
    return httpx.Client(base_url=server.base_url, headers=headers, timeout=60)


def add(client: httpx.Client, text: str, user_id: str = "ana", *, infer: bool = False) -> dict[str, Any]:
    """Add one text and return the answer."""
    answer = client.post("/v3/memories/add/", json={"messages": text, "user_id": user_id, "infer": infer})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def event_of(client: httpx.Client, event_id: str) -> dict[str, Any]:
    """Return an event."""
    event: dict[str, Any] = client.get(f"/v1/event/{event_id}/").json()
    return event


def test_a_restart_keeps_everything(server: RunningServer, capsys: pytest.CaptureFixture[str]) -> None:
    """GIVEN memories, versions, events and owners WHEN the server restarts THEN all of it is there."""
    with connect(server) as client:
        added = add(client, "Lives in Lisbon")
        memory_id = added["results"][0]["id"]
        client.put(f"/v1/memories/{memory_id}/", json={"text": "Lives in Porto"})
        paths = [
            f"/v1/memories/{memory_id}/",
            f"/v1/memories/{memory_id}/history/",
            f"/v1/event/{added['event_id']}/",
            "/v1/entities/",
            "/v1/ping/",
        ]
        before = [client.get(path).json() for path in paths]
    assert server.stop() == 0
    restarted_s = server.start()
    with connect(server) as client:
        assert [client.get(path).json() for path in paths] == before
        found = client.post("/v3/memories/search/", json={"query": "Porto", "filters": {"user_id": "ana"}}).json()
    assert [result["id"] for result in found["results"]] == [memory_id]
    with capsys.disabled():
        print(f"\nready again after {restarted_s:.2f} s")  # noqa: T201  a figure to look at, not to assert


@dataclass
class Load:
    """What clients were told while they kept adding until the server was gone."""

    memories: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def keep_adding(self, server: RunningServer, number: int) -> None:
        """Add until the connection breaks; clients of an odd number have facts inferred."""
        with connect(server) as client, suppress(httpx.TransportError):
            for turn in itertools.count():
                text, user_id = f"I bought {turn} apples in shop {number}.", f"user-{number}"
                answer = add(client, text, user_id, infer=bool(number % 2))
                self.events.append(answer["event_id"])
                self.memories += [result["id"] for result in answer.get("results", ())]
                if len(self.memories) >= ENOUGH and len(self.events) - len(self.memories) >= ENOUGH:
                    self.enough.set()


def test_nothing_acknowledged_is_lost_in_a_crash(server: RunningServer) -> None:
    """GIVEN four clients adding WHEN all processes are killed THEN all that was acknowledged survives."""
    load = Load()
    with ThreadPoolExecutor(CLIENTS) as threads:
        clients = [threads.submit(load.keep_adding, server, number) for number in range(CLIENTS)]
        assert load.enough.wait(60)
        server.kill()
        for ended in clients:
            ended.result(60)
    server.start()
    with connect(server) as client:
        for memory_id in load.memories:
            assert client.get(f"/v1/memories/{memory_id}/").status_code == 200
        for event_id in load.events:
            event = wait_until(lambda id_=event_id: _final(event_of(client, id_)), timeout_s=120)
            assert event["status"] == "SUCCEEDED"
            assert len(event["results"]) <= 1  # carried out once, however often it was begun


def _final(event: dict[str, Any]) -> dict[str, Any] | None:
    return event if event["status"] in {"SUCCEEDED", "FAILED"} else None


def test_sigterm_finishes_requests_in_flight(server: RunningServer) -> None:
    """GIVEN a request half sent WHEN the server is told to stop THEN it is answered."""
    body = b'{"messages": "Said at the last moment", "user_id": "ana", "infer": false}'
    head = (
        f"POST /v3/memories/add/ HTTP/1.1\r\nHost: local\r\nAuthorization: Token {server.api_key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(head + body[:20])
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not server.answers())
        connection.sendall(body[20:])
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200")
    assert server.stop() == 0
    wait_until(lambda: not server.members())


def test_a_killed_handler_is_replaced(server: RunningServer) -> None:
    """GIVEN all handlers killed WHEN requests come THEN each costs at most one 502."""
    before = set(server.handlers())
    for process in before:
        os.kill(process, signal.SIGKILL)
    with connect(server) as client:
        statuses = [client.get("/v1/ping/").status_code for _ in range(6)]
        wait_until(lambda: client.get("/v1/ping/").status_code == 200)
        writes = [
            client.post("/v3/memories/add/", json={"messages": "x", "user_id": "a", "infer": False}).status_code
            for _ in range(3)
        ]
    assert set(statuses) <= {200, 502}
    assert writes[-1] == 200
    assert statuses.count(502) <= 2
    assert not before & set(server.handlers())


def test_a_killed_worker_is_replaced(server: RunningServer) -> None:
    """GIVEN the background worker killed WHEN an add is accepted THEN it is carried out all the same."""
    for process in server.handlers():
        os.kill(process, signal.SIGKILL)
    with connect(server) as client:
        wait_until(lambda: client.get("/v1/ping/").status_code == 200)
        body = {"messages": "I live in Faro.", "user_id": "ana"}
        accepted = wait_until(lambda: client.post("/v3/memories/add/", json=body).json().get("event_id"))
        event = wait_until(lambda: _final(event_of(client, accepted)), timeout_s=60)
    assert event["status"] == "SUCCEEDED"


def test_children_end_with_their_parent(server: RunningServer) -> None:
    """GIVEN a running server WHEN its main process alone is killed THEN all others end by themselves."""
    assert server.process is not None
    assert len(server.members()) > 4
    server.process.kill()
    server.process.wait(30)
    wait_until(lambda: not server.members(), timeout_s=15)


def test_a_taken_port_is_told(server: RunningServer, tmp_path: Path) -> None:
    """GIVEN a port in use WHEN a server starts on it THEN it says so and ends with an exit code."""
    other = RunningServer(tmp_path / "other", port=server.port)
    assert other.launch().wait(30) == 1
    assert f"Cannot listen on 127.0.0.1:{server.port}: Address already in use." in other.log.read_text()
    wait_until(lambda: not other.members())


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("port", "eighty", "RICORDO_PORT must be a whole number"),
        ("profile", "moon", "RICORDO_PROFILE must be one of"),
        ("processes", "0", "RICORDO_PROCESSES must be a whole number from 1 to 64"),
        ("port", "99999", "RICORDO_PORT must be a whole number from 0 to 65535"),
        ("log_level", "LOUD", "RICORDO_LOG_LEVEL must be one of"),
        ("data_dir", "/dev/null", "/dev/null"),
    ],
)
def test_a_setting_that_cannot_work_is_told(tmp_path: Path, name: str, value: str, told: str) -> None:
    """GIVEN a setting of no use WHEN the server starts THEN it names the variable, without a traceback."""
    server = RunningServer(tmp_path / "data", {name: value})
    assert server.launch().wait(60) == 1
    assert told in server.log.read_text()
    assert "Traceback" not in server.log.read_text()


def test_a_long_verbatim_add_goes_to_the_background(server: RunningServer) -> None:
    """GIVEN 101 messages WHEN added with infer=False THEN they are taken in, and stored later."""
    messages = [{"role": "user", "content": f"Note {number}"} for number in range(101)]
    with connect(server) as client:
        body = {"messages": messages, "user_id": "ana", "infer": False}
        accepted = client.post("/v3/memories/add/", json=body).json()
        assert accepted["status"] == "PENDING"
        event = wait_until(lambda: _final(event_of(client, accepted["event_id"])), timeout_s=60)
    assert [result["memory"] for result in event["results"]] == [message["content"] for message in messages]
