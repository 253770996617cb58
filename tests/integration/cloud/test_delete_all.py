"""Deleting all of an owner's memories: gone for readers at once, removed in pages by workers that may die."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from support import cloud_requests as requests
from support.builders import ANA, a_memory, ids_of, owned_by
from support.clocks import START
from support.cloud_house import CloudHouse
from support.dynamodb_bench import faults_in
from support.faults import CountedCalls, Crash, FailingStore

from ricordo.domain.errors import UnavailableError
from ricordo.domain.event import EventStatus
from ricordo.domain.filters import All, AnyOf
from ricordo.domain.memory import Memory
from ricordo.domain.scope import Scope
from ricordo.runtime.observability import logger
from ricordo.usecases.work_on_event import LEASE_S

MANY = 2000
DEATHS = 5
BO = Scope("bo")
BOS = ("Bo drinks tea.",)
QUESTION = "Who drinks tea?"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Log no line for each of very many batches."""
    level = logger.log_level
    logger.setLevel("ERROR")
    yield
    logger.setLevel(level)


def filled(house: CloudHouse, count: int) -> list[Memory]:
    """Have Ana hold many memories and Bo one, all of them projected; an add of Ana's waits to be worked on."""
    memories = [
        a_memory(f"Ana drinks tea number {number}.", accepted_at=START + timedelta(microseconds=number))
        for number in range(count)
    ]
    house.stores.memories.insert(memories)
    requests.add(house, "bo's", *BOS, scope=BO, infer=False)
    house.project()
    house.clock.advance(60)
    requests.add(house, "late", "Ana drinks mint tea.")
    return memories


def served(house: CloudHouse, memories: list[Memory]) -> list[str]:
    """Return the texts that any way to read them shows."""
    stores, either = house.stores, AnyOf((owned_by("ana"), owned_by("bo")))
    without_index = house.with_stores(index=FailingStore(stores.index, UnavailableError("down")))
    shown = [
        house.memories(),
        list(stores.memories.get(house.project_id, ids_of(memories)).values()),
        [scored.memory for scored in house.search(QUESTION, either).results],
        [scored.memory for scored in without_index.search(QUESTION, either).results],
        [archived.memory for archived in stores.archive.dump(house.project_id, All())],
    ]
    return sorted({memory.text for found in shown for memory in found})


def test_two_thousand_are_gone_at_once_and_removed_by_workers_that_die(cloud_house: CloudHouse) -> None:
    """Nothing is served after the answer; in the end truth, index and graph are empty of them."""
    house = cloud_house
    rng = random.Random(4)  # noqa: S311  no secret
    memories = filled(house, MANY)

    # WHEN all are deleted
    event = requests.delete_all(house, "all")

    # THEN nothing is served, though the projections still hold everything and an add was on its way
    assert event.notes == {"hidden": MANY}
    assert served(house, memories) == list(BOS)
    assert len(house.index.held(house.project_id)) == MANY + len(BOS)
    requests.work_on(house, "late")
    requests.add(house, "after", "Ana drinks cocoa.", infer=False)
    assert served(house, memories) == ["Ana drinks cocoa.", *BOS]

    # AND workers that die in the middle, wherever that is, leave the rest to the next
    for _ in range(DEATHS):
        with pytest.raises(Crash):
            requests.work_on(house.counting(CountedCalls(rng.randrange(10, 60), after=rng.random() < 0.5)), "all")
        house.clock.advance(LEASE_S + 1)
        assert house.texts() == [*BOS, "Ana drinks cocoa."]
    left = len(house.bench.rows("link"))
    house.work()
    assert left > MANY
    ended = house.stores.events.get(house.project_id, event.event_id)
    assert (ended.status, ended.attempts) == (EventStatus.SUCCEEDED, DEATHS + 1)
    assert 0 < ended.notes["removed"] < MANY

    # AND in the end nothing is left but tombstones and what came later
    house.project()
    _is_empty_of(house, memories)
    assert served(house, memories) == ["Ana drinks cocoa.", *BOS]


def _is_empty_of(house: CloudHouse, memories: list[Memory]) -> None:
    rows = house.bench.rows("memory", "version", "link", "pending", "text")
    assert faults_in(rows) == []
    standing = {row["memory_id"]: row for row in rows.values() if row["kind"] == "memory"}
    assert {(standing[one.memory_id]["state"], standing[one.memory_id]["text"]) for one in memories} == {
        ("deleted", "")
    }
    assert {row["memory_id"] for row in rows.values() if row["kind"] == "link"}.isdisjoint(ids_of(memories))
    assert house.projection_faults() == []
    assert house.index.held(house.project_id).keys().isdisjoint(ids_of(memories))


def test_a_cut_is_forgotten_when_nothing_can_come_under_it_any_more(cloud_house: CloudHouse) -> None:
    """As long as an add accepted before it is unfinished it stays; then a later sweep closes it."""
    house = cloud_house
    filled(house, 3)
    requests.delete_all(house, "all")
    requests.work_on(house, "all")

    def cuts() -> int:
        return len(house.stores.memories._pages._cuts.of(house.project_id).open)  # type: ignore[attr-defined]

    def sweep() -> None:
        house.clock.advance(600)
        house.stores.memories.remove_hidden(house.project_id, limit=100, now=house.clock.now())

    sweep()
    assert cuts() == 1
    requests.work_on(house, "late")
    sweep()
    assert cuts() == 0
    assert house.texts() == list(BOS)


def test_what_is_added_again_after_a_deletion_stays(cloud_house: CloudHouse) -> None:
    """The same text under a new event is a new memory, whether the deletion was carried out by then or not."""
    house = cloud_house
    requests.add(house, "first", "Ana drinks tea.", infer=False)
    requests.delete_all(house, "all", ANA)
    requests.add(house, "second", "Ana drinks tea.", infer=False)
    house.go_on()
    requests.add(house, "third", "Ana drinks tea.", infer=False)

    assert [memory.memory_id for memory in house.memories()] == [requests.memory_id(house, "second")]
    assert house.projection_faults() == []
    assert faults_in(house.bench.rows()) == []
