"""One server for all tests that need none of their own; each test takes owners of its own."""

import asyncio
import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.engine_profile_server import engines_for_a_server
from support.server import RunningServer, running_server, wait_until

os.environ["MEM0_TELEMETRY"] = "False"  # read when mem0 is imported
os.environ["MEM0_DIR"] = tempfile.mkdtemp(prefix="ricordo-mem0-")
atexit.register(shutil.rmtree, os.environ["MEM0_DIR"], ignore_errors=True)

from mem0 import AsyncMemoryClient, MemoryClient  # noqa: E402

_numbers = count(1)
EMBEDDED_ONLY = frozenset({"test_fuzz", "test_hostile_requests", "test_http_edges", "test_server_life"})


class Blocking:
    """An AsyncMemoryClient whose methods are awaited at once: one test body runs over both clients."""

    def __init__(self, inner: AsyncMemoryClient, loop: asyncio.AbstractEventLoop) -> None:
        self.inner = inner
        self._loop = loop

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.inner, name)
        return lambda *args, **kwargs: self._loop.run_until_complete(method(*args, **kwargs))


@pytest.fixture(scope="session", params=["embedded", pytest.param("aws", marks=pytest.mark.engines)])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server of either profile that stays up for the whole run; three writers, so that writes do meet."""
    settings = {"write_processes": "3"}
    with ExitStack() as stack:
        if request.param == "aws":
            settings |= stack.enter_context(engines_for_a_server())
        running = stack.enter_context(running_server(tmp_path_factory.mktemp("server"), **settings))
        yield running
        assert running.stop() == 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the embedded profile what tells of requests, not of stores."""
    items[:] = [item for item in items if not (_needs_engines(item) and Path(item.path).stem in EMBEDDED_ONLY)]


def _needs_engines(item: pytest.Item) -> bool:
    return item.get_closest_marker("engines") is not None


@pytest.fixture(scope="session")
def http(server: RunningServer) -> Iterator[httpx.Client]:
    """A plain HTTP client with the key."""
    headers = {"Authorization": f"Token {server.api_key}"}
    with httpx.Client(base_url=server.base_url, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture(scope="session", params=["sync", "async"])
def client(request: pytest.FixtureRequest, server: RunningServer) -> Iterator[Any]:
    """mem0's own client, unmodified: the synchronous one, then the asynchronous one."""
    if request.param == "sync":
        sync_client = MemoryClient(api_key=server.api_key, host=server.base_url)
        with closing(sync_client.client):
            yield sync_client
        return
    loop = asyncio.new_event_loop()
    async_client = AsyncMemoryClient(api_key=server.api_key, host=server.base_url)
    yield Blocking(async_client, loop)
    loop.run_until_complete(async_client.async_client.aclose())
    loop.close()


@pytest.fixture
def ana() -> str:
    """A user nobody else has."""
    return f"ana-{next(_numbers)}"


@pytest.fixture
def remember(http: httpx.Client, ana: str) -> Callable[..., list[str]]:
    """Store texts word for word, one call a text, and return their ids in order."""

    def store(*texts: str, **options: Any) -> list[str]:
        body = {"user_id": ana, "infer": False, **options}
        answers = [http.post("/v3/memories/add/", json={**body, "messages": text}).json() for text in texts]
        return [answer["results"][0]["id"] for answer in answers]

    return store


@pytest.fixture
def ended(http: httpx.Client) -> Callable[[str], dict[str, Any]]:
    """Follow an event to its end and return it."""

    def follow(event_id: str) -> dict[str, Any]:
        def final() -> dict[str, Any] | None:
            event: dict[str, Any] = http.get(f"/v1/event/{event_id}/").json()
            return event if event["status"] in {"SUCCEEDED", "FAILED"} else None

        event: dict[str, Any] = wait_until(final, timeout_s=60)
        return event

    return follow
