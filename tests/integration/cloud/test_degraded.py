"""Index, graph or embedder down: nothing written is lost, and searches answer from what is up and say what is not."""

from collections.abc import Iterable, Sequence
from itertools import chain, combinations
from typing import Any

import pytest
from support import cloud_requests as requests
from support.cloud_house import CloudHouse
from support.dynamodb_bench import faults_in
from support.faults import FailingStore

from ricordo.domain.errors import ProjectionError, UnavailableError
from ricordo.domain.event import EventStatus
from ricordo.domain.filters import All
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import Memory

DOWN = UnavailableError("down")
PARTS = ("embedder", "graph", "index")
OUTAGES = list(chain.from_iterable(combinations(PARTS, count) for count in (1, 2, 3)))
QUESTION = "Who knows Cleo?"


def without(house: CloudHouse, parts: Iterable[str]) -> CloudHouse:
    """Return the house with some parts down."""
    house.embedder.is_up = "embedder" not in parts
    engines = {part: FailingStore(None, DOWN) for part in parts if part != "embedder"}
    return house.with_stores(**engines)


def found(house: CloudHouse) -> list[str]:
    """Return what a search of the project finds, in the order of the alphabet."""
    return sorted(scored.memory.text for scored in house.search(QUESTION, All()).results)


@pytest.mark.parametrize("parts", OUTAGES, ids="+".join)
def test_an_outage_loses_nothing(cloud_house: CloudHouse, parts: tuple[str, ...]) -> None:
    """While parts are down writes are accepted and found, and when they are up again all is as the truth says."""
    # GIVEN a memory that was projected, one that is changed and one that is deleted during the outage
    house = cloud_house
    for key, text in (("kept", "Ana knows Cleo."), ("changed", "Bob knows Cleo."), ("gone", "Dan knows Cleo.")):
        requests.add(house, key, text)
        requests.work_on(house, key)
    house.project()
    house.clock.advance(60)

    # WHEN parts are down
    down = without(house, parts)
    requests.add(down, "verbatim", "Eve knows Cleo.", infer=False)
    requests.add(down, "inferred", "Fritz knows Cleo.")
    requests.work_on(down, "inferred")
    requests.update(down, requests.memory_id(house, "changed"), "Bob met Cleo.")
    requests.delete(down, requests.memory_id(house, "gone"))
    for _ in range(3):
        down.try_to_project()
        down.clock.advance(1)

    # THEN a search says which, and finds what there is, old and new
    truth = ["Ana knows Cleo.", "Bob met Cleo.", "Eve knows Cleo.", "Fritz knows Cleo."]
    assert sorted(house.texts()) == truth
    assert down.search(QUESTION, All()).degraded == tuple(sorted(parts))
    assert found(down) == truth
    assert (
        house.stores.events.get(house.project_id, requests.event_id(house, "inferred")).status is EventStatus.SUCCEEDED
    )

    # AND afterwards index and graph catch up with the truth
    house = without(house, ())
    house.clock.advance(60)
    house.project()
    assert house.projection_faults() == []
    assert (house.search(QUESTION, All()).degraded, found(house)) == ((), truth)
    assert house.dead_letters.letters == []
    assert faults_in(house.bench.rows()) == []


class Refusing:
    """An index or a graph that takes all but one memory."""

    def __init__(self, engine: Any, refused: MemoryId) -> None:
        self._engine = engine
        self._refused = refused

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def upsert(self, memories: Sequence[Memory]) -> None:
        """Take what is not refused."""
        self._engine.upsert([memory for memory in memories if memory.memory_id != self._refused])
        if any(memory.memory_id == self._refused for memory in memories):
            raise ProjectionError("refused", frozenset([self._refused]))


def test_what_an_engine_refuses_is_set_aside(cloud_house: CloudHouse) -> None:
    """The others are projected, a letter names the memory, and searches still add it from the truth."""
    requests.add(cloud_house, "three", "Ana knows Cleo. Bob knows Cleo. Dan knows Cleo.")
    requests.work_on(cloud_house, "three")
    refused = requests.memory_id(cloud_house, "three", 1)
    stores = cloud_house.stores
    picky = cloud_house.with_stores(index=Refusing(stores.index, refused), graph=Refusing(stores.graph, refused))

    picky.project()
    picky.clock.advance(60)

    kept = {requests.memory_id(cloud_house, "three", ordinal) for ordinal in (0, 2)}
    assert cloud_house.index.held(cloud_house.project_id).keys() == kept
    assert set(stores.graph.mentions(cloud_house.project_id, ["cleo"], limit=9)) == kept
    letter = {"reason": "refused", "project_id": cloud_house.project_id, "memory_id": refused, "version": "1"}
    assert cloud_house.dead_letters.letters == [letter, letter]
    assert found(cloud_house) == ["Ana knows Cleo.", "Bob knows Cleo.", "Dan knows Cleo."]


def test_a_record_that_cannot_be_read_holds_up_nobody(cloud_house: CloudHouse) -> None:
    """Each consumer sets it aside by its name, and projects the others."""
    broken = {"pk": {"S": "P#x#M#y"}, "sk": {"S": "CURRENT"}, "kind": {"S": "memory"}}
    cloud_house.bench.cloud.dynamodb.put_item(TableName=cloud_house.bench.table_name, Item=broken)
    requests.add(cloud_house, "one", "Ana knows Cleo.", infer=False)

    cloud_house.project()

    assert cloud_house.projection_faults() == []
    letters = cloud_house.dead_letters.letters
    assert [(letter["reason"], len(letter["record"])) for letter in letters] == [("unreadable", 32)] * 2
