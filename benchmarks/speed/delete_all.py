"""How long it takes to delete 20,000 memories: until nothing of them is served, and until nothing of them is left.

    python -m engines run -- python benchmarks/speed/delete_all.py

The worker that removes them is killed twice on the way.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
from opensearchpy import OpenSearch

from functions.project_changes.handler import index_handler
from ricordo.domain.event import EventStatus
from ricordo.domain.filters import OwnedBy
from ricordo.domain.ids import EpisodeId, EventId, MemoryId, ProjectId
from ricordo.domain.memory import Embedding, Memory, Source
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import OwnerType, Scope
from ricordo.local.stream_pump import Delivery, StreamPump
from ricordo.runtime.aws_clients import client, stream_of
from ricordo.runtime.observability import logger
from ricordo.runtime.provisioning import provision
from ricordo.runtime.services import Services
from ricordo.runtime.settings import read_settings
from ricordo.runtime.tasks import work_once
from ricordo.runtime.wiring import services
from ricordo.usecases.delete_all_memories import delete_all_memories
from ricordo.usecases.search_memories import SearchRequest, search_memories

MEMORIES = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
PROJECT, EVENT, ANA = ProjectId("proj_deleting"), EventId("deleting"), Scope(user_id="ana")
STARTED = datetime.now(UTC)
INSERTED_AT_ONCE = 200
WRITERS = 4
DEATHS = 2
ALIVE_S = 2.0
PAUSE_S = 0.5
OF_ANA = OwnedBy(OwnerType.USER, frozenset(["ana"]))


def main() -> None:
    """Print how long each part takes."""
    os.environ |= {"RICORDO_PROFILE": "aws", "RICORDO_TABLE": "deleting"}
    logger.setLevel("ERROR")
    settings, wired = read_settings(), services()
    list(provision(settings, wired.workbench.embedder))
    pump = StreamPump(client("dynamodbstreams"), stream_of(settings.table), index_handler, delivery=Delivery(500, None))
    with closing(OpenSearch(settings.opensearch_url)) as node:
        firsts = range(0, MEMORIES, INSERTED_AT_ONCE)
        with timed(f"{MEMORIES} memories stored"), ThreadPoolExecutor(WRITERS) as threads:
            list(threads.map(lambda first: wired.memories.insert(some(first, wired)), firsts))
        with timed("projected"):
            pump.drain()
        print(f"  the index holds {held(node)}")
        with timed("delete_all answered"):
            deleted(wired)
        tell_what_is_served(wired)
        with timed(f"removed, the worker killed {DEATHS} times, 20 s of lease each"):
            remove(wired)
        with timed("projected"):
            pump.drain()
        print(f"  the index holds {held(node)}")
    wired.close()


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long a block took."""
    started = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - started:.2f} s", flush=True)


def some(first: int, wired: Services) -> Sequence[Memory]:
    """Build the next memories, each with a vector of its own."""
    embedder = wired.workbench.embedder
    rng = np.random.default_rng(first)
    vectors = rng.standard_normal((INSERTED_AT_ONCE, embedder.dimensions), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [
        Memory(
            memory_id=MemoryId(f"memory-{number}"),
            project_id=PROJECT,
            scope=ANA,
            text=f"Ana drinks tea number {number}.",
            source=Source(EventId(f"event-{number}"), EpisodeId(f"episode-{number}"), 0, 0),
            created_at=STARTED,
            updated_at=STARTED,
            accepted_at=STARTED + timedelta(microseconds=number),
            thread=ANA.digest(),
            embedding=Embedding(embedder.model_id, vector),
        )
        for number, vector in enumerate(vectors[: MEMORIES - first], first)
    ]


def deleted(wired: Services) -> None:
    """Ask for the deletion."""
    event = delete_all_memories(
        ANA,
        project_id=PROJECT,
        event_id=EVENT,
        memories=wired.memories,
        events=wired.events,
        ingestion=wired.ingestion,
        clock=wired.clock,
    )
    print(f"  hidden: {event.notes['hidden']}")


def tell_what_is_served(wired: Services) -> None:
    """Print what readers find right after the answer, and how long they wait."""
    with timed("a list"):
        listed = wired.memories.list(PROJECT, OF_ANA, PageRequest())
    with timed("a search"):
        request = SearchRequest("Which tea does Ana drink?", OF_ANA, 10, 0.0, wired.clock.now())
        found = search_memories(request, project_id=PROJECT, searching=wired.searching)
    got = wired.memories.get(PROJECT, [MemoryId(f"memory-{number}") for number in range(100)])
    print(f"  served: {listed.total} listed, {len(found.results)} found, {len(got)} of 100 got; down: {found.degraded}")


def remove(wired: Services) -> None:
    """Have workers remove what is hidden; the first of them are killed."""
    context = multiprocessing.get_context("spawn")
    for death in range(DEATHS + 1):
        worker = context.Process(target=work, daemon=True)
        worker.start()
        if death < DEATHS:
            while wired.events.get(PROJECT, EVENT).attempts <= death:
                time.sleep(PAUSE_S)
            time.sleep(ALIVE_S)
            worker.kill()
        worker.join()
    ended = wired.events.get(PROJECT, EVENT)
    print(f"  {ended.status.value} at attempt {ended.attempts}, which removed {ended.notes['removed']}")


def work() -> None:
    """Work on what is due until the deletion has ended."""
    logger.setLevel("ERROR")
    while services().events.get(PROJECT, EVENT).status is not EventStatus.SUCCEEDED:
        if not work_once(services()):
            time.sleep(PAUSE_S)


def held(node: OpenSearch) -> int:
    """Count what the index holds."""
    node.indices.refresh(index="ricordo-*")
    return int(node.count(index="ricordo-*")["count"])


if __name__ == "__main__":
    main()
