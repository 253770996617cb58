"""What each use case asks of AWS, of the index, of the graph and of the models, so that its cost cannot creep."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray
from support import cloud_requests as requests
from support.aws_guard import recorded_calls
from support.builders import ANA, a_memory, owned_by
from support.clocks import START
from support.cloud_house import CloudHouse
from support.faults import CountedCalls, FailingStore
from support.house import SwitchedEmbedder

from ricordo.adapters.dynamodb.owner_store import DynamoDBOwnerStore
from ricordo.domain.errors import UnavailableError
from ricordo.domain.filters import All, Expression, OwnedBy
from ricordo.domain.graph import Entity
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Embedding
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import OwnerType, Scope
from ricordo.usecases.get_memory import get_memory
from ricordo.usecases.list_memories import ListRequest, list_memories
from ricordo.usecases.memory_history import memory_history

SPEAKERS_READ = "BatchGetItem"
FOUND = ["Query", "BatchGetItem", "BatchGetItem"]


class CountingEmbedder(SwitchedEmbedder):
    """Counts its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[int] = []

    def embed(self, texts: Sequence[str], *, project_id: ProjectId | None = None) -> NDArray[np.float32]:
        self.calls.append(len(texts))
        return super().embed(texts, project_id=project_id)


@dataclass(slots=True)
class Spent:
    """What a use case has asked for."""

    operations: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    embedded: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)


@pytest.fixture
def house(cloud_house: CloudHouse) -> CloudHouse:
    """A house that counts, and whose owners' speakers are remembered for a minute."""
    embedder = CountingEmbedder()
    embedder.model_id = cloud_house.embedder.model_id
    cloud_house.embedder = embedder
    return cloud_house.with_stores(owners=DynamoDBOwnerStore(cloud_house.bench.table))


@contextmanager
def spending(house: CloudHouse) -> Iterator[tuple[CloudHouse, Spent]]:
    """Count what is asked for."""
    spent, parts = Spent(), CountedCalls()
    counted = house.with_stores(index=parts.of(house.stores.index), graph=parts.of(house.stores.graph))
    embedder = house.embedder
    assert isinstance(embedder, CountingEmbedder)
    embedder.calls.clear()
    with recorded_calls() as calls:
        yield counted, spent
    spent.operations = [call.operation for call in calls]
    spent.keys = [
        len(asked["Keys"])
        for call in calls
        if call.operation == "BatchGetItem"
        for asked in call.params["RequestItems"].values()
    ]
    spent.parts = parts.names
    spent.embedded = list(embedder.calls)


def asked(house: CloudHouse, act: Callable[[CloudHouse], object]) -> list[str]:
    """Return the operations of a use case that needs neither a model nor a projection."""
    with spending(house) as (counted, spent):
        act(counted)
    assert (spent.parts, spent.embedded) == ([], [])
    return spent.operations


def many(house: CloudHouse, count: int) -> None:
    """Have Ana hold many memories in several conversations, all of them projected and visible."""
    told = [number * 37 % count for number in range(count)]
    texts = [f"Ana told story {number} about tea number {number}." for number in told]
    vectors = house.embedder.embed(texts)
    house.stores.memories.insert(
        [
            a_memory(
                text,
                project_id=house.project_id,
                accepted_at=START + timedelta(microseconds=number),
                thread=f"thread {number % 2}",
                entities=(Entity(f"Story{number % 9}"),),
                embedding=Embedding(house.embedder.model_id, vector),
            )
            for number, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        ]
    )
    house.project()
    house.clock.advance(60)


def test_a_search_in_steady_state(house: CloudHouse) -> None:
    """One embedding, two calls of the index, one of the graph, one query and two batches, however much there is."""
    many(house, 400)
    with spending(house) as (counted, first):
        counted.search("What about tea, Story1?")
    assert first.operations == [SPEAKERS_READ, *FOUND]
    for top_k in (1, 20):
        with spending(house) as (counted, spent):
            answer = counted.search(f"Which {top_k} teas did Story3 tell?", top_k=top_k)
        assert spent.operations == FOUND
        assert spent.keys[0] == 100  # as many as a batch takes: there was more to look at
        assert spent.keys[1] > 50
        assert (spent.parts, spent.embedded) == (["mentions", "nominate", "neighbours"], [1])
        assert (len(answer.results), answer.degraded) == (top_k, ())


def test_a_search_right_after_a_write_costs_no_more(house: CloudHouse) -> None:
    """What is pending is read with the nominated, as long as both fit into one batch."""
    many(house, 60)
    requests.add(house, "fresh", "Ana drinks oolong tea.", infer=False)
    house.search("warm up")

    with spending(house) as (counted, spent):
        answer = counted.search("Does Ana drink oolong tea?")

    assert answer.results[0].memory.text == "Ana drinks oolong tea."
    assert spent.operations == FOUND


def test_a_degraded_search(house: CloudHouse) -> None:
    """Without the embedder it costs the same; without the index it reads the links of the owner once."""
    many(house, 60)
    house.search("warm up")
    house.embedder.is_up = False
    with spending(house) as (counted, without_embedder):
        counted.search("tea")
    down = FailingStore(house.stores.index, UnavailableError("down"))
    with spending(house.with_stores(index=down)) as (counted, without_index):
        counted.search("tea")

    assert without_embedder.operations == FOUND
    assert without_index.operations == ["Query", "GetItem", "Query", "BatchGetItem"]


def test_adding_one_memory_word_for_word(house: CloudHouse) -> None:
    """The owner, the acceptance, the claim, one embedding, one transaction with what decides it, and the end."""
    with spending(house) as (counted, spent):
        requests.add(counted, "one", "Ana likes tea.", infer=False)

    assert spent.operations == [
        "UpdateItem",  # the owner
        "GetItem",  # the cuts, of which the event notes the number
        "TransactWriteItems",  # event and episode
        "UpdateItem",  # the lease
        "GetItem",  # the episode
        "BatchGetItem",  # what decides: id, text, cuts, lease
        "UpdateItem",  # the place in the thread
        "TransactWriteItems",  # the memory with all that belongs to it
        "UpdateItem",  # the end of the event
    ]
    assert (spent.parts, spent.embedded) == ([], [1])


def test_adding_in_the_background(house: CloudHouse) -> None:
    """The request writes the owner and the event; the work embeds once and stores all facts of a step together."""
    with spending(house) as (counted, request):
        requests.add(counted, "two", "Ana likes tea. Bob likes milk.")
    with spending(house) as (counted, work):
        requests.work_on(counted, "two")

    assert request.operations == ["UpdateItem", "GetItem", "TransactWriteItems", "UpdateItem"]
    assert work.operations == [
        "UpdateItem",  # the lease
        "GetItem",  # the episode
        "UpdateItem",  # a longer lease
        "GetItem",  # facts kept by another worker
        "TransactWriteItems",  # the facts
        "GetItem",  # the facts that were kept first
        "BatchGetItem",
        "UpdateItem",
        "TransactWriteItems",
        "UpdateItem",
    ]
    assert (request.embedded, work.embedded) == ([], [2])


def test_reading_one_memory(house: CloudHouse) -> None:
    """One request each, and one more for the message behind a history."""
    requests.add(house, "one", "Ana likes tea.", infer=False)
    memory_id = requests.memory_id(house, "one")
    of = {"project_id": house.project_id}

    got = asked(house, lambda counted: get_memory(memory_id, memories=counted.stores.memories, **of))
    told = asked(
        house,
        lambda counted: memory_history(memory_id, memories=counted.stores.memories, events=counted.stores.events, **of),
    )

    assert got == ["BatchGetItem"]
    assert told == ["Query", "BatchGetItem", "BatchGetItem"]


@pytest.mark.parametrize(
    ("where", "queries"),
    [(owned_by(), 1), (OwnedBy(OwnerType.AGENT, frozenset(["chef"])), 4), (All(), 4)],
    ids=["user", "agent", "project"],
)
def test_listing_a_page(house: CloudHouse, where: Expression, queries: int) -> None:
    """The cuts, the links from each partition that has some, and the memories of the page."""
    house.stores.memories.insert(
        [a_memory(f"tea {n}", project_id=house.project_id, scope=Scope("ana", "chef")) for n in range(9)]
    )
    ends = []

    def first(counted: CloudHouse) -> None:
        request = ListRequest(where, PageRequest(1, 5), counted.clock.now())
        page = list_memories(request, project_id=counted.project_id, memories=counted.stores.memories)
        assert (len(page.items), page.total) == (5, 9)
        ends.append(page.end)

    def second(counted: CloudHouse) -> None:
        request = ListRequest(where, PageRequest(2, 5, ends[0]), counted.clock.now())
        page = list_memories(request, project_id=counted.project_id, memories=counted.stores.memories)
        assert len(page.items) == 4

    assert asked(house, first) == ["GetItem", *["Query"] * queries, "BatchGetItem"]
    assert asked(house, second) == ["GetItem", *["Query"] * queries, "BatchGetItem"]


def test_changing_one_memory(house: CloudHouse) -> None:
    """An update and a delete read the memory, what holds its text and write one transaction; nothing new, no write."""
    requests.add(house, "one", "Ana likes tea.", infer=False)
    memory_id = requests.memory_id(house, "one")
    with spending(house) as (counted, spent):
        requests.update(counted, memory_id, "Ana likes milk.")

    changing = ["BatchGetItem", "BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert (spent.operations, spent.embedded, spent.parts) == (changing, [1], [])
    assert asked(house, lambda counted: requests.update(counted, memory_id, "Ana likes milk.")) == ["BatchGetItem"]
    deleting = asked(house, lambda counted: requests.delete(counted, memory_id))
    assert deleting == [*changing[:3], "GetItem", "TransactWriteItems"]  # how long its project keeps a deleted one


def test_deleting_all_costs_the_same_for_one_page_of_links(house: CloudHouse) -> None:
    """One cut hides all; what is hidden is counted from the links, a megabyte at a time."""
    house.stores.memories.insert([a_memory(f"tea {n}", project_id=house.project_id) for n in range(50)])
    house.stores.owners.touch(house.project_id, ANA, at=START, speakers=frozenset(["Ana"]))

    deleting = asked(house, lambda counted: requests.delete_all(counted, "all"))

    assert deleting == [
        *("GetItem", "PutItem"),  # the cut
        "UpdateItem",  # the owner's speakers
        "Query",
        *("GetItem", "TransactWriteItems"),  # the event
        "UpdateItem",  # due at once
    ]


def test_projecting_a_change(house: CloudHouse) -> None:
    """The truth is read once for each projection; the index is given what stands, and the change is settled."""
    house.project()
    requests.add(house, "one", "Ana likes tea.", infer=False)
    with spending(house) as (counted, spent):
        counted.project()
    settled = ["BatchGetItem", "BatchGetItem", "Query", "BatchWriteItem"]
    assert [name for name in spent.operations if name != "DescribeStream"] == [
        "BatchGetItem",
        *settled,
        "BatchGetItem",
    ]
    assert spent.parts == ["remove", "upsert", "forget", "upsert"]
