"""A server of the AWS profile on engines, with a client of it and a view of what its engines hold."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from support.engine_profile_server import EngineRoom, opened
from support.projections import Projections
from support.server import RunningServer, running_server, wait_until


@dataclass(frozen=True, slots=True)
class Timed:
    """An answer and how long it took."""

    answer: httpx.Response
    seconds: float

    @property
    def status(self) -> int:
        """How it ended."""
        return self.answer.status_code

    @property
    def body(self) -> dict[str, Any]:
        """What it says."""
        body: dict[str, Any] = self.answer.json()
        return body

    @property
    def ids(self) -> list[str]:
        """The memories in it."""
        return [result["id"] for result in self.body.get("results", ())]

    @property
    def degraded(self) -> list[str]:
        """The parts it went without, which header and body must agree on."""
        named: list[str] = self.body.get("degraded", [])
        assert self.answer.headers.get("X-Ricordo-Degraded", "") == ", ".join(named)
        return named


@dataclass(frozen=True, slots=True)
class Site:
    """A server, a client of it, and its projections."""

    server: RunningServer
    http: httpx.Client
    projections: Projections

    def send(self, method: str, path: str, **body: Any) -> Timed:
        """Send a request."""
        started = time.monotonic()
        answer = self.http.request(method, path, json=body or None)
        return Timed(answer, time.monotonic() - started)

    def add(self, text: str, *, user_id: str = "ana", **options: Any) -> Timed:
        """Add a text word for word, unless told otherwise."""
        return self.send(
            "POST", "/v3/memories/add/", **{"messages": text, "user_id": user_id, "infer": False, **options}
        )

    def tell(self, text: str, *, user_id: str = "ana") -> list[str]:
        """Have memories made of a text, and return their ids when that is done."""
        accepted = self.add(text, user_id=user_id, infer=True).body
        event = wait_until(lambda: self._ended(accepted["event_id"]), timeout_s=60)
        assert event["status"] == "SUCCEEDED", event
        return [result["id"] for result in event["results"]]

    def search(self, query: str, *, user_id: str = "ana", **options: Any) -> Timed:
        """Search an owner's memories."""
        return self.send("POST", "/v3/memories/search/", query=query, filters={"user_id": user_id}, **options)

    def await_projections(self, *, timeout_s: float = 60.0) -> None:
        """Wait until index and graph show what the truth says."""
        deadline = time.monotonic() + timeout_s
        while faults := self.projections.faults():
            assert time.monotonic() < deadline, faults
            time.sleep(0.5)

    def _ended(self, event_id: str) -> dict[str, Any] | None:
        event: dict[str, Any] = self.http.get(f"/v1/event/{event_id}/").json()
        return event if event["status"] in {"SUCCEEDED", "FAILED"} else None


@contextmanager
def site_on(room: EngineRoom, data_dir: Path, **settings: str) -> Iterator[Site]:
    """Serve a new installation on the engines of a room."""
    with ExitStack() as stack:
        furnished = stack.enter_context(room.furnished(**settings))
        server = stack.enter_context(running_server(data_dir, **furnished))
        headers = {"Authorization": f"Token {server.api_key}"}
        http = stack.enter_context(httpx.Client(base_url=server.base_url, headers=headers, timeout=60))
        services = stack.enter_context(opened(furnished))
        yield Site(server, http, Projections(services, room.opensearch.url))
        assert server.stop() == 0
