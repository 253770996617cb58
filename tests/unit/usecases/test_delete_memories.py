"""Deleting memories by id, by owner, and for good."""

import pytest
from support.builders import OTHER_PROJECT, PROJECT, a_project
from support.house import House

from ricordo.domain.errors import (
    MemoryNotFoundError,
    MissingScopeError,
    OwnerNotFoundError,
    VersionConflictError,
)
from ricordo.domain.event import Event, EventStatus
from ricordo.domain.ids import EventId, MemoryId
from ricordo.domain.memory import ChangeType, MemoryPatch
from ricordo.domain.scope import Owner, OwnerType, Scope
from ricordo.usecases.delete_all_memories import delete_all_memories, delete_owner
from ricordo.usecases.delete_memories import delete_batch, delete_memory
from ricordo.usecases.memory_history import memory_history
from ricordo.usecases.sweep_project import sweep_project
from ricordo.usecases.update_memories import update_memory

DAY_S = 86_400


def delete(house: House, memory_id: MemoryId, expected_version: int | None = None) -> None:
    """Delete one memory."""
    delete_memory(
        memory_id,
        project_id=PROJECT,
        memories=house.stores.memories,
        clock=house.clock,
        expected_version=expected_version,
    )


def delete_all(house: House, scope: Scope, event_id: str = "d1") -> Event:
    """Delete by owners."""
    return delete_all_memories(
        scope,
        project_id=PROJECT,
        event_id=EventId(event_id),
        memories=house.stores.memories,
        events=house.stores.events,
        ingestion=house.stores.ingestion,
        clock=house.clock,
    )


def test_a_deleted_memory_leaves_its_history(house: House) -> None:
    """The memory is gone, its history ends with a DELETE, and its text may be added again."""
    house.add("I like tea.", event_id="e1", infer=False)
    memory_id = house.memories()[0].memory_id

    delete(house, memory_id)

    assert house.texts() == []
    history = memory_history(memory_id, project_id=PROJECT, memories=house.stores.memories, events=house.stores.events)
    assert [version.change for version in history.versions] == [ChangeType.ADD, ChangeType.DELETE]
    with pytest.raises(MemoryNotFoundError):
        delete(house, memory_id)
    house.add("I like tea.", event_id="e2", infer=False)
    assert house.texts() == ["I like tea."]


@pytest.mark.parametrize("expected_version", [0, 1, 3])
def test_another_version_than_the_expected_one_is_not_deleted(house: House, expected_version: int) -> None:
    """A delete of an expected version is refused when the memory is not at it."""
    house.add("I like tea.", event_id="e1", infer=False)
    memory_id = house.memories()[0].memory_id
    update_memory(
        memory_id,
        MemoryPatch(text="I like milk."),
        project_id=PROJECT,
        memories=house.stores.memories,
        embedder=house.embedder,
        clock=house.clock,
    )

    with pytest.raises(VersionConflictError):
        delete(house, memory_id, expected_version)

    assert house.texts() == ["I like milk."]
    delete(house, memory_id, 2)
    assert house.texts() == []


def test_a_batch_deletes_all_or_nothing(house: House) -> None:
    """One unknown id keeps all; an id named twice counts once."""
    house.add("one", "two", "three", event_id="e1", infer=False)
    one, two, _ = (memory.memory_id for memory in house.memories())

    def batch(*memory_ids: MemoryId) -> int:
        return delete_batch(memory_ids, project_id=PROJECT, memories=house.stores.memories, clock=house.clock)

    with pytest.raises(MemoryNotFoundError, match="unknown"):
        batch(one, MemoryId("unknown"))
    assert len(house.texts()) == 3
    assert batch(one, two, one) == 2
    assert house.texts() == ["three"]


def test_deleting_by_owner_hides_at_once_and_removes_later(house: House) -> None:
    """The memories are gone with the answer; the event ends once they are tombstones."""
    house.add("one", "two", event_id="e1", infer=False)
    house.add("three", event_id="e2", infer=False, scope=Scope("bo"))

    event = delete_all(house, Scope("ana"))

    assert (event.status, event.notes) == (EventStatus.PENDING, {"hidden": 2})
    assert house.texts() == ["three"]
    ended = house.work()
    assert ended is not None
    assert (ended.status, ended.notes) == (EventStatus.SUCCEEDED, {"hidden": 2, "removed": 2})


def test_deleting_by_owner_reaches_adds_that_are_pending(house: House) -> None:
    """An add accepted before is not stored any more, one accepted after is."""
    # GIVEN an add that waits for its worker
    house.add("I like tea.", event_id="before")

    # WHEN everything of the owner is deleted, and another add comes
    delete_all(house, Scope("ana"))
    house.add("I like milk.", event_id="after")
    while house.work() is not None:
        pass

    # THEN only the later one is stored, and the earlier one says why not
    assert house.texts() == ["I like milk."]
    before = house.event("before")
    assert (before.status, before.notes["refused"]) == (EventStatus.SUCCEEDED, {"deleted_meanwhile": 1})


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        (Scope("*"), ["of chef"]),
        (Scope(agent_id="chef"), ["of ana"]),
        (Scope("ana", "chef"), ["of ana", "of chef"]),
        (Scope("*", "*", "*", "*"), []),
        (Scope("ana", run_id="*"), ["of ana", "of chef"]),
    ],
)
def test_several_owners_and_wildcards(house: House, scope: Scope, left: list[str]) -> None:
    """All owners named must be had; four wildcards are everything."""
    house.add("of ana", event_id="e1", infer=False)
    house.add("of chef", event_id="e2", infer=False, scope=Scope(agent_id="chef"))
    house.add("elsewhere", event_id="e3", infer=False, project_id=OTHER_PROJECT)

    delete_all(house, scope)

    assert house.texts() == left
    assert house.texts(OTHER_PROJECT) == ["elsewhere"]


def test_no_owner_deletes_nothing(house: House) -> None:
    """A missing scope is never read as all."""
    house.add("one", event_id="e1", infer=False)

    with pytest.raises(MissingScopeError):
        delete_all(house, Scope())

    assert house.texts() == ["one"]


def test_deleting_an_owner_takes_its_memories_along(house: House) -> None:
    """The owner and its memories are gone; an unknown owner is an error."""
    house.add("one", event_id="e1", infer=False)

    def forget(event_id: str) -> Event:
        stores = house.stores
        return delete_owner(
            Owner(OwnerType.USER, "ana"),
            project_id=PROJECT,
            event_id=EventId(event_id),
            memories=stores.memories,
            owners=stores.owners,
            events=stores.events,
            ingestion=stores.ingestion,
            clock=house.clock,
        )

    assert forget("d1").scope == Scope("ana")
    assert house.texts() == []
    with pytest.raises(OwnerNotFoundError):
        forget("d2")


def test_the_sweep_removes_for_good_after_the_retention(house: House) -> None:
    """A deleted memory's history stays for the project's retention and not longer."""
    house.add("one", event_id="e1", infer=False)
    memory_id = house.memories()[0].memory_id
    delete(house, memory_id)

    def sweep() -> int:
        return sweep_project(a_project(retention_days=30), memories=house.stores.memories, clock=house.clock)

    house.clock.advance(30 * DAY_S)
    assert sweep() == 0
    house.clock.advance(1)
    assert sweep() == 1

    with pytest.raises(MemoryNotFoundError):
        house.stores.memories.versions(PROJECT, memory_id)
    assert house.event("e1").messages == ()
    assert house.event("e1").results == ()


def test_history_tells_the_message_behind_a_memory(house: House) -> None:
    """The message a memory was taken from comes with its history."""
    house.add("one", "two", event_id="e1", infer=False)
    second = house.memories()[1]

    history = memory_history(
        second.memory_id, project_id=PROJECT, memories=house.stores.memories, events=house.stores.events
    )

    assert [message.content for message in history.messages] == ["two"]
