"""The processes that project die and come back; a document that an index will never take holds up no other."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import count
from typing import Any

import pytest
from opensearchpy import OpenSearch
from support.engine_profile_server import EngineRoom
from support.server import wait_until
from support.sites import Site, site_on

from ricordo.local.background import NICENESS
from ricordo.runtime.aws_clients import client

pytestmark = pytest.mark.engines

KILLS = 3
STARTED_AGAIN_S = 10.0
Letters = Callable[[], list[dict[str, str]]]


@pytest.fixture(scope="module")
def queue(room: EngineRoom) -> Iterator[str]:
    """A queue for dead letters."""
    with room.named(), closing(client("sqs")) as sqs:
        yield sqs.create_queue(QueueName="refused-documents")["QueueUrl"]


@pytest.fixture
def letters(room: EngineRoom, queue: str) -> Iterator[Letters]:
    """Read what lies in the queue."""
    with room.named(), closing(client("sqs")) as sqs:

        def read() -> list[dict[str, str]]:
            received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
            return [json.loads(message["Body"]) for message in received.get("Messages", [])]

        yield read


@pytest.fixture(scope="module")
def site(room: EngineRoom, queue: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that knows the queue."""
    with site_on(room, tmp_path_factory.mktemp("site"), dead_letter_queue=queue) as running:
        yield running


def processes_beside(site: Site) -> set[int]:
    """Return the processes that no request waits for: the worker, and those that project; their priority tells."""
    assert site.server.process is not None
    lowest = os.getpriority(os.PRIO_PROCESS, site.server.process.pid) + NICENESS
    return {pid for pid in site.server.handlers() if os.getpriority(os.PRIO_PROCESS, pid) == lowest}


def kill_and_await_others(site: Site) -> None:
    """Kill them, as a lack of memory would, and wait until as many new ones run."""
    killed = processes_beside(site)
    for process in killed:
        os.kill(process, signal.SIGKILL)
    wait_until(lambda: len(processes_beside(site) - killed) == len(killed), timeout_s=STARTED_AGAIN_S)


def change_until(enough: threading.Event, site: Site) -> list[str]:
    """Add, change and delete memories; return the events of those adds that the worker carries out."""
    events = []
    for number in count(1):
        events.append(site.add(f"I live in house {number} with Marta.", infer=True).body["event_id"])
        _, changed, deleted = (site.add(f"{word} {number}").ids[0] for word in ("Tea", "Milk", "Salt"))
        site.send("PUT", f"/v1/memories/{changed}/", text=f"Coffee {number}")
        site.send("DELETE", f"/v1/memories/{deleted}/")
        if enough.is_set():
            break
    return events


def test_killed_processes_lose_no_change(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """GIVEN a stream of writes WHEN the processes beside are killed, repeatedly THEN nothing is missing."""
    assert len(processes_beside(site)) == 3
    enough = threading.Event()
    with ThreadPoolExecutor() as threads:
        changing = threads.submit(change_until, enough, site)
        for _ in range(KILLS):
            time.sleep(1)
            kill_and_await_others(site)
        enough.set()
        events = changing.result(60)
    ended = time.monotonic()
    for event_id in events:
        wait_until(partial(has_succeeded, site, event_id), timeout_s=60)
    carried_out = time.monotonic()
    site.await_projections()
    with capsys.disabled():
        print(  # noqa: T201  figures to look at, not to assert
            f"\n{6 * len(events)} writes; accepted adds carried out {carried_out - ended:.1f} s after the last write, "
            f"all projected {time.monotonic() - carried_out:.1f} s later"
        )


def has_succeeded(site: Site, event_id: str) -> bool:
    """Say whether an add was carried out."""
    return bool(site.send("GET", f"/v1/event/{event_id}/").body["status"] == "SUCCEEDED")


def refuse_expirations(site: Site) -> None:
    """Give the index a mapping that has no field for them, as if it were of another version."""
    url = site.projections.node_url
    with closing(OpenSearch(url, timeout=30)) as node:
        ((name, index),) = node.indices.get(index="ricordo-*").items()
        mappings: dict[str, Any] = index["mappings"]
        del mappings["properties"]["expires_us"]
        node.indices.delete(index=name)
        body = {"settings": {"index": {"knn": True}}, "mappings": mappings, "aliases": index["aliases"]}
        node.indices.create(index=name, body=body)


def test_a_refused_document_goes_to_the_queue(site: Site, letters: Letters) -> None:
    """GIVEN an index without a field WHEN one memory of three needs it THEN that is set aside, the others shown."""
    refuse_expirations(site)
    before = site.add("Plays chess in Porto", user_id="rui").ids
    (refused,) = site.add("Holds a visa for Brazil", user_id="rui", expiration_date="2999-12-31").ids
    after = site.add("Plays the flute", user_id="rui").ids

    set_aside = wait_until(letters, timeout_s=30)
    assert {(one["reason"], one["memory_id"], one["version"]) for one in set_aside} == {("refused", refused, "1")}
    assert "visa" not in json.dumps(set_aside)
    wait_until(lambda: set(site.projections.in_index()) >= {*before, *after}, timeout_s=30)
    assert refused not in site.projections.in_index()
    shown = site.search("Who holds a visa?", user_id="rui")
    assert shown.degraded == []
    assert shown.ids[0] == refused
