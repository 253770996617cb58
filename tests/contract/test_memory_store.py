"""What every memory store does: inserts, versions, reads."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.builders import (
    OTHER_PROJECT,
    PROJECT,
    a_memory,
    an_episode,
    an_event,
    embedded,
    ids_of,
    owned_by,
)
from support.clocks import START
from support.stores import Stores

from ricordo.domain.episode import Role
from ricordo.domain.errors import LeaseLostError, MemoryNotFoundError, VersionConflictError
from ricordo.domain.event import Lease
from ricordo.domain.filters import All
from ricordo.domain.graph import Entity, EntityType, Relation
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import ChangeType, MemoryKind, MemoryPatch, bury, revise
from ricordo.domain.moments import parse_moment
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import Scope
from ricordo.ports.memory_store import Refused, Stored

EVERYTHING = PageRequest(1, 100)
LATER = START + timedelta(hours=1)


def claimed(stores: Stores) -> Lease:
    """Accept an event and claim it."""
    event = an_event()
    stores.events.accept(event, an_episode(event))
    work = stores.events.claim(now=START, lease_s=60, named=(PROJECT, event.event_id))
    assert work is not None
    return work.lease


def test_everything_about_a_memory_is_read_back(stores: Stores) -> None:
    """A memory comes back as it was written, with its sequence."""
    memory = a_memory(
        "Café\0 \u2028 東京 'quoted'",
        scope=Scope("ana", "chef", "ios", "run/1#2"),
        metadata={"n": 1, "f": 1.5, "b": True, "z": None, "l": [1, "a"], "d": {"k": ["\0"]}, "": "empty"},
        categories=("food", "travel"),
        kind=MemoryKind.VERBATIM,
        attributed_to=Role.ASSISTANT,
        speaker="Ana",
        expiration=parse_moment("2030-01-01", "expiration_date"),
        valid_from=START - timedelta(days=400),
        valid_to=START + timedelta(microseconds=1),
        immutable=True,
        entities=(Entity("Café", EntityType.PLACE),),
        relations=(Relation("Ana", "likes", "Café", START, None),),
        embedding=embedded(3),
        created_at=START - timedelta(days=30_000),
    )

    (outcome,) = stores.memories.insert([memory])

    assert outcome == Stored(replace(memory, sequence=1))
    assert stores.memories.get(PROJECT, [memory.memory_id]) == {memory.memory_id: replace(memory, sequence=1)}
    assert stores.memories.list(PROJECT, All(), EVERYTHING).items == [replace(memory, sequence=1)]


@pytest.mark.parametrize("written", ["2030-01-01", 1_900_000_000, 5, 1.5, "2030-01-01T10:00:00.25+02:00"])
def test_an_expiration_is_read_back_however_it_was_written(stores: Stores, written: object) -> None:
    """Dates, datetimes and unix seconds of any size keep their meaning and their spelling."""
    expiration = parse_moment(written, "expiration_date")
    memory = a_memory(expiration=expiration)

    stores.memories.insert([memory])

    assert stores.memories.get(PROJECT, [memory.memory_id])[memory.memory_id].expiration == expiration


def test_inserting_again_changes_nothing(stores: Stores) -> None:
    """A repeated insert of an id answers what stands, even after an update, and writes nothing."""
    memory = a_memory()
    stores.memories.insert([memory])
    updated = revise(memory, MemoryPatch(text="Ana moved to Porto."), now=LATER)
    stores.memories.replace(updated, expected_version=1)

    (outcome,) = stores.memories.insert([memory])

    assert isinstance(outcome, Stored)
    assert outcome.memory.text == "Ana moved to Porto."
    assert [version.version for version in stores.memories.versions(PROJECT, memory.memory_id)] == [1, 2]


def test_a_repeated_insert_does_not_bring_a_deleted_memory_back(stores: Stores) -> None:
    """What was deleted meanwhile stays deleted when its insert is tried again."""
    memory = a_memory()
    stores.memories.insert([memory])
    stores.memories.replace(bury(memory, now=LATER), expected_version=1)

    assert stores.memories.insert([memory]) == [Refused("deleted_meanwhile")]
    assert stores.memories.get(PROJECT, [memory.memory_id]) == {}


def test_sequences_rise_within_a_thread(stores: Stores) -> None:
    """Each thread of each project counts by itself."""
    memories = [
        a_memory("a"),
        a_memory("b"),
        a_memory("c", thread="other"),
        a_memory("d", project_id=OTHER_PROJECT),
    ]

    outcomes = stores.memories.insert(memories)

    assert [o.memory.sequence for o in outcomes if isinstance(o, Stored)] == [1, 2, 1, 1]


def test_a_lease_that_holds_admits_the_insert(stores: Stores) -> None:
    """Work under its lease is stored."""
    assert isinstance(stores.memories.insert([a_memory()], lease=claimed(stores))[0], Stored)


def test_a_lease_that_was_taken_over_stores_nothing(stores: Stores) -> None:
    """After another claim the old lease is refused and nothing of the insert is seen."""
    old = claimed(stores)
    stores.events.claim(now=START + timedelta(seconds=61), lease_s=60, named=(PROJECT, old.event_id))

    with pytest.raises(LeaseLostError):
        stores.memories.insert([a_memory("a"), a_memory("b")], lease=old)

    assert stores.memories.list(PROJECT, All(), EVERYTHING).total == 0


def test_a_lease_on_a_finished_event_stores_nothing(stores: Stores) -> None:
    """No worker adds to an event that has ended."""
    lease = claimed(stores)
    event = stores.events.get(PROJECT, lease.event_id)
    stores.events.finish(lease, replace(event, status=event.status.SUCCEEDED, completed_at=LATER))

    with pytest.raises(LeaseLostError):
        stores.memories.insert([a_memory()], lease=lease)


def test_replace_writes_the_next_version(stores: Stores) -> None:
    """The current state is the last version; the history keeps each change with both texts."""
    memory = a_memory("one", metadata={"k": 1}, categories=("a",))
    stores.memories.insert([memory])
    second = revise(memory, MemoryPatch(text="two", metadata={"k": 2}), now=LATER)
    stores.memories.replace(second, expected_version=1)

    assert stores.memories.get(PROJECT, [memory.memory_id])[memory.memory_id] == replace(second, sequence=1)
    first_version, second_version = stores.memories.versions(PROJECT, memory.memory_id)
    assert (first_version.change, first_version.old_text, first_version.new_text) == (
        ChangeType.ADD,
        None,
        "one",
    )
    assert (second_version.change, second_version.old_text, second_version.new_text) == (
        ChangeType.UPDATE,
        "one",
        "two",
    )
    assert (first_version.metadata, second_version.metadata) == ({"k": 1}, {"k": 2})
    assert second_version.changed_at == LATER


def test_replace_refuses_a_version_that_is_not_the_live_one(stores: Stores) -> None:
    """Of two writers that read the same version the second is refused, and changes nothing."""
    memory = a_memory("one")
    stores.memories.insert([memory])
    stores.memories.replace(revise(memory, MemoryPatch(text="two"), now=LATER), expected_version=1)

    with pytest.raises(VersionConflictError):
        stores.memories.replace(revise(memory, MemoryPatch(text="three"), now=LATER), expected_version=1)

    assert stores.memories.get(PROJECT, [memory.memory_id])[memory.memory_id].text == "two"
    assert len(stores.memories.versions(PROJECT, memory.memory_id)) == 2


@pytest.mark.parametrize("fate", ["never there", "deleted", "hidden", "another project's"])
def test_replace_needs_a_live_memory(stores: Stores, fate: str) -> None:
    """What is not there for readers cannot be replaced."""
    memory = a_memory()
    if fate != "never there":
        stores.memories.insert([replace(memory, project_id=OTHER_PROJECT) if fate.startswith("another") else memory])
    if fate == "deleted":
        stores.memories.replace(bury(memory, now=LATER), expected_version=1)
    if fate == "hidden":
        stores.memories.hide(PROJECT, owned_by())

    with pytest.raises(MemoryNotFoundError):
        stores.memories.replace(revise(memory, MemoryPatch(text="x"), now=LATER), expected_version=1)


def test_a_tombstone_keeps_the_history(stores: Stores) -> None:
    """A deleted memory is gone for readers; its history ends with the text it had and nothing after."""
    memory = a_memory("secret", metadata={"k": "v"}, categories=("c",))
    stores.memories.insert([memory])

    stores.memories.replace(bury(memory, now=LATER), expected_version=1)

    assert stores.memories.get(PROJECT, [memory.memory_id]) == {}
    assert stores.memories.list(PROJECT, All(), EVERYTHING).total == 0
    last = stores.memories.versions(PROJECT, memory.memory_id)[-1]
    assert (last.change, last.old_text, last.new_text) == (ChangeType.DELETE, "secret", None)
    assert (last.version, last.metadata, last.categories) == (2, {"k": "v"}, ("c",))


def test_the_history_of_nothing_is_an_error(stores: Stores) -> None:
    """An unknown id has no history, and neither has another project's."""
    memory = a_memory(project_id=OTHER_PROJECT)
    stores.memories.insert([memory])

    with pytest.raises(MemoryNotFoundError):
        stores.memories.versions(PROJECT, memory.memory_id)


def test_get_takes_any_number_of_ids(stores: Stores) -> None:
    """Unknown ids are left out, however many are asked for, and none is no error."""
    memories = [a_memory(f"text {number}") for number in range(30)]
    stores.memories.insert(memories)
    unknown = [MemoryId(f"unknown {number}") for number in range(3_000)]

    found = stores.memories.get(PROJECT, [*unknown, *ids_of(memories), *unknown])

    assert set(found) == set(ids_of(memories))
    assert stores.memories.get(PROJECT, []) == {}


def test_get_shows_every_change_at_once(stores: Stores) -> None:
    """A read after a write sees that write, however often the memory was read before."""
    memory = a_memory("one")
    stores.memories.insert([memory])
    for version, text in ((1, "two"), (2, "three")):
        current = stores.memories.get(PROJECT, [memory.memory_id])[memory.memory_id]
        stores.memories.replace(revise(current, MemoryPatch(text=text), now=LATER), expected_version=version)
        assert stores.memories.get(PROJECT, [memory.memory_id])[memory.memory_id].text == text
        assert stores.memories.list(PROJECT, All(), EVERYTHING).items[0].text == text
