"""A memory whose row the table has removed after its time leaves nothing behind."""

from datetime import timedelta

import pytest
from support import cloud_requests as requests
from support.builders import PROJECT
from support.cloud_house import CloudHouse
from support.dynamodb_bench import faults_in

from ricordo.domain.errors import MemoryNotFoundError
from ricordo.domain.filters import All
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import MemoryPatch
from ricordo.domain.moments import parse_moment
from ricordo.usecases.update_memories import update_memory

RETENTION = timedelta(days=30)
SAID = "Ana knows Bob. Bob knows Cleo."


def expire(house: CloudHouse, memory_id: MemoryId) -> None:
    """Have a memory expire in a minute."""
    end = parse_moment((house.clock.now() + timedelta(minutes=1)).isoformat(), "expiration_date")
    update_memory(
        memory_id,
        MemoryPatch(expiration=end),
        project_id=house.project_id,
        memories=house.stores.memories,
        embedder=house.embedder,
        clock=house.clock,
    )


def let_the_table_remove(house: CloudHouse) -> None:
    """Let the retention pass, and the table remove what has ended, of which the consumers are told."""
    house.clock.advance((RETENTION + timedelta(hours=1)).total_seconds())
    house.remove_expired_rows()
    house.project()


def kinds(house: CloudHouse) -> set[str]:
    """Return the kinds of rows there are; what an owner, an event or a thread counts stays for good."""
    return {row["kind"] for row in house.bench.rows().values()} - {"owner", "event", "sequence"}


@pytest.fixture
def house(cloud_house: CloudHouse) -> CloudHouse:
    """A house with two memories from one event, projected."""
    requests.add(cloud_house, "said", SAID)
    requests.work_on(cloud_house, "said")
    cloud_house.project()
    return cloud_house


def test_the_last_memory_of_an_event_takes_everything_with_it(house: CloudHouse) -> None:
    """Neither document, edge, link, text, version nor what was said is left."""
    ids = [requests.memory_id(house, "said", ordinal) for ordinal in (0, 1)]
    for memory_id in ids:
        expire(house, memory_id)
    house.project()
    assert kinds(house) == {"memory", "version", "link", "pending", "text", "episode", "facts"}

    let_the_table_remove(house)

    assert kinds(house) == set()
    assert house.index.held(PROJECT) == {}
    assert house.projection_faults() == []
    assert house.stores.graph.neighbourhood(PROJECT, "bob", hops=2, limit=9) == []
    assert house.stores.events.get(PROJECT, requests.event_id(house, "said")).messages == ()
    for memory_id in ids:
        with pytest.raises(MemoryNotFoundError):
            house.stores.memories.versions(PROJECT, memory_id)


def test_what_was_said_stays_for_the_memories_that_stay(house: CloudHouse) -> None:
    """One memory of two goes with its edges; the other one keeps its own and the episode."""
    gone, kept = (requests.memory_id(house, "said", ordinal) for ordinal in (0, 1))
    expire(house, gone)

    let_the_table_remove(house)

    assert house.index.held(PROJECT) == {kept: 1}
    assert house.projection_faults() == []
    edges = house.stores.graph.neighbourhood(PROJECT, "bob", hops=1, limit=9)
    assert [(one.source, one.target) for one in edges] == [("Bob", "Cleo")]
    event = house.stores.events.get(PROJECT, requests.event_id(house, "said"))
    assert [message.content for message in event.messages] == [SAID]
    assert faults_in(house.bench.rows()) == []


def test_a_tombstone_takes_its_history_with_it(house: CloudHouse) -> None:
    """What a deleted memory said is gone with the project's retention, and its text may be said again."""
    gone = requests.memory_id(house, "said", 0)
    requests.delete(house, gone)
    house.project()
    assert [one.old_text for one in house.stores.memories.versions(PROJECT, gone)] == [None, "Ana knows Bob."]

    let_the_table_remove(house)

    with pytest.raises(MemoryNotFoundError):
        house.stores.memories.versions(PROJECT, gone)
    requests.add(house, "again", "Ana knows Bob.", infer=False)
    assert house.texts() == ["Bob knows Cleo.", "Ana knows Bob."]
    assert faults_in(house.bench.rows()) == []


def test_a_removal_told_late_does_not_touch_what_came_under_its_id(house: CloudHouse) -> None:
    """A memory that was restored under the id before the removal was told of stays whole."""
    gone = requests.memory_id(house, "said", 0)
    (archived,) = (one for one in house.stores.archive.dump(PROJECT, All()) if one.memory.memory_id == gone)
    expire(house, gone)
    house.project()
    house.clock.advance((RETENTION + timedelta(hours=1)).total_seconds())
    house.remove_expired_rows()
    assert house.stores.archive.restore([archived]) == [True]

    house.project()

    assert house.stores.memories.get(PROJECT, [gone])[gone].text == "Ana knows Bob."
    assert [one.version for one in house.stores.memories.versions(PROJECT, gone)] == [1]
