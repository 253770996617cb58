"""What every archive must do, whatever stands behind it."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from support.builders import (
    ANA,
    OTHER_PROJECT,
    PROJECT,
    a_memory,
    embedded,
    owned_by,
)
from support.clocks import START
from support.shelves import EVERYTHING, LATER, Shelf
from support.stores import sqlite_stores

from ricordo.domain.graph import Entity, EntityType, Relation
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import ChangeType, LifecycleState, Memory
from ricordo.domain.moments import parse_moment
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import Scope
from ricordo.ports.archive import ArchivedMemory
from ricordo.ports.memory_store import Refused, Stored
from ricordo.ports.search_index import IndexQuery


def full_memory() -> Memory:
    """Build a memory that has something in every field."""
    return a_memory(
        "Ana moved to Lisbon.",
        scope=Scope("ana", "helper", "app", "run"),
        metadata={"mood": "glad", "rooms": 3, "tags": ["home", "city"], "nothing": None},
        categories=("home", "travel"),
        speaker="Ana",
        expiration=parse_moment("2030-01-31", "expiration_date"),
        valid_from=START,
        valid_to=LATER,
        immutable=False,
        entities=(Entity("Lisbon", EntityType.PLACE),),
        relations=(Relation("Ana", "lives_in", "Lisbon", START, None),),
        embedding=embedded(1),
    )


def without_place(archived: ArchivedMemory) -> ArchivedMemory:
    """Leave out what a restore decides: when it was accepted."""
    return replace(archived, memory=replace(archived.memory, accepted_at=START))


def test_a_dump_is_ordered_by_acceptance(shelf: Shelf) -> None:
    """Memories come oldest accepted first, however they were stored, over more than one page."""
    memories = [a_memory(f"fact {number}", accepted_at=START - timedelta(seconds=number)) for number in range(450)]
    shelf.insert(*memories)
    assert [archived.memory.text for archived in shelf.dumped()] == [memory.text for memory in reversed(memories)]


def test_a_dump_holds_each_memory_with_its_whole_history(shelf: Shelf) -> None:
    """The current memory and all its versions come together."""
    (memory,) = shelf.insert(a_memory("Ana lives in Porto."))
    shelf.update(memory, "Ana lives in Lisbon.")
    (archived,) = shelf.dumped()
    assert archived.memory.text == "Ana lives in Lisbon."
    assert [(v.version, v.change, v.old_text, v.new_text) for v in archived.versions] == [
        (1, ChangeType.ADD, None, "Ana lives in Porto."),
        (2, ChangeType.UPDATE, "Ana lives in Porto.", "Ana lives in Lisbon."),
    ]


def test_a_dump_keeps_to_project_and_filter(shelf: Shelf) -> None:
    """Another project's memories and other owners' stay out."""
    shelf.insert(
        a_memory("mine"),
        a_memory("his", scope=Scope(user_id="ben")),
        a_memory("elsewhere", project_id=OTHER_PROJECT),
    )
    assert [archived.memory.text for archived in shelf.dumped(owned_by("ana"))] == ["mine"]
    assert [archived.memory.text for archived in shelf.dumped(project=OTHER_PROJECT)] == ["elsewhere"]


def test_deleted_memories_come_only_when_asked_for(shelf: Shelf) -> None:
    """A tombstone comes with its history if asked for; what is only hidden yet never does."""
    gone, hidden, kept = shelf.insert(
        a_memory("gone"), a_memory("hidden", scope=Scope(user_id="ben")), a_memory("kept")
    )
    shelf.delete(gone)
    shelf.stores.memories.hide(PROJECT, owned_by("ben"))
    assert [archived.memory.memory_id for archived in shelf.dumped()] == [kept.memory_id]
    with_deleted = shelf.dumped(includes_deleted=True)
    assert {archived.memory.memory_id for archived in with_deleted} == {gone.memory_id, kept.memory_id}
    tombstone = next(one for one in with_deleted if one.memory.memory_id == gone.memory_id)
    assert tombstone.memory.state is LifecycleState.DELETED
    assert [version.change for version in tombstone.versions] == [ChangeType.ADD, ChangeType.DELETE]
    assert hidden.memory_id not in {archived.memory.memory_id for archived in with_deleted}


def test_a_dump_that_is_given_up_leaves_the_store_usable(shelf: Shelf) -> None:
    """A reader may stop in the middle; writes go on."""
    shelf.insert(a_memory("one"), a_memory("two"))
    next(iter(shelf.archive.dump(PROJECT, EVERYTHING)))
    shelf.insert(a_memory("three"))
    assert len(shelf.dumped()) == 3


def test_a_restore_brings_back_every_field(shelves: tuple[Shelf, Shelf]) -> None:
    """Ids, versions, times, histories and all else are as they were; the acceptance is the one given."""
    one, two = shelves
    (memory,) = one.insert(full_memory())
    one.update(memory, "Ana moved to Lisbon in spring.")
    one.insert(full_memory())
    dumped = one.dumped()
    moved = [replace(a, memory=replace(a.memory, accepted_at=a.memory.accepted_at + timedelta(days=9))) for a in dumped]
    assert two.archive.restore(moved) == [True, True]
    assert [without_place(a) for a in two.dumped()] == [without_place(a) for a in dumped]
    assert [a.memory.accepted_at for a in two.dumped()] == [a.memory.accepted_at for a in moved]


def test_what_is_restored_into_a_file_is_found_by_words_vector_and_graph(tmp_path: Path) -> None:
    """The embedded projections show what was restored, and nothing of how it came in."""
    with sqlite_stores(tmp_path / "one.db") as stores, sqlite_stores(tmp_path / "two.db") as others:
        one, two = Shelf(stores), Shelf(others)
        (memory,) = one.insert(full_memory())
        two.archive.restore(one.dumped())
        assert_projected(two, memory)


def assert_projected(two: Shelf, memory: Memory) -> None:
    """Find a memory in every way."""
    assert two.stores.graph.mentions(PROJECT, [Entity("Lisbon").key], limit=9) == [memory.memory_id]
    (relation,) = two.stores.graph.neighbourhood(PROJECT, Entity("Ana").key, hops=1, limit=9)
    assert relation.target == "Lisbon"
    by_words = IndexQuery(PROJECT, owned_by(), None, "", ("moved",), 5)
    assert two.stores.index.nominate(by_words) == [memory.memory_id]
    by_id_as_word = IndexQuery(PROJECT, owned_by(), None, "", (memory.memory_id[:8],), 5)
    assert two.stores.index.nominate(by_id_as_word) == []
    assert memory.embedding is not None
    by_vector = IndexQuery(PROJECT, owned_by(), memory.embedding.vector, memory.embedding.model_id, (), 5)
    assert two.stores.index.nominate(by_vector) == [memory.memory_id]
    assert two.stores.memories.list(PROJECT, owned_by(), PageRequest()).total == 1


def test_a_restored_text_is_held(shelves: tuple[Shelf, Shelf]) -> None:
    """A text that was restored is not stored a second time for its owner."""
    one, two = shelves
    one.insert(a_memory("Ana sings."))
    two.archive.restore(one.dumped())
    assert two.stores.memories.insert([a_memory("Ana sings.")]) == [Refused("duplicate")]


def test_restoring_again_changes_nothing(shelves: tuple[Shelf, Shelf]) -> None:
    """A known id stays as it is, whatever has become of it since."""
    one, two = shelves
    edited, deleted = one.insert(a_memory("edited"), a_memory("deleted"))
    dumped = one.dumped()
    two.archive.restore(dumped)
    two.update(edited, "edited since")
    two.delete(deleted)
    before = two.dumped(includes_deleted=True)
    assert two.archive.restore(dumped) == [False, False]
    assert two.dumped(includes_deleted=True) == before


def test_two_memories_that_came_to_say_the_same_are_both_restored(shelves: tuple[Shelf, Shelf]) -> None:
    """An update may give a memory another one's text; neither is lost on the way."""
    one, two = shelves
    first, _ = one.insert(a_memory("Ana likes tea."), a_memory("Ana likes coffee."))
    one.update(first, "Ana likes coffee.")
    dumped = one.dumped()
    assert two.archive.restore(dumped) == [True, True]
    assert two.dumped() == dumped


def test_a_tombstone_is_restored_as_one(shelves: tuple[Shelf, Shelf]) -> None:
    """What was deleted stays deleted, its history is there, its text is free."""
    one, two = shelves
    (memory,) = one.insert(a_memory("secret"))
    one.delete(memory)
    dumped = one.dumped(includes_deleted=True)
    assert two.archive.restore(dumped) == [True]
    assert two.dumped() == []
    assert two.dumped(includes_deleted=True) == dumped
    assert [v.change for v in two.stores.memories.versions(PROJECT, memory.memory_id)][-1] is ChangeType.DELETE
    assert isinstance(two.stores.memories.insert([a_memory("secret")])[0], Stored)


def test_superseded_and_expired_memories_are_restored(shelves: tuple[Shelf, Shelf]) -> None:
    """What is not shown by default is part of an archive too."""
    one, two = shelves
    one.insert(
        a_memory("old job", state=LifecycleState.SUPERSEDED),
        a_memory("parking", expiration=parse_moment("2020-01-01", "expiration_date")),
    )
    dumped = one.dumped()
    two.archive.restore(dumped)
    assert two.dumped() == dumped
    assert len(dumped) == 2


def test_known_names_live_and_deleted_ids_of_the_project(shelf: Shelf) -> None:
    """An id is known while anything is left of it, and only in its project."""
    live, gone, elsewhere = shelf.insert(
        a_memory("live"), a_memory("gone"), a_memory("elsewhere", project_id=OTHER_PROJECT)
    )
    shelf.delete(gone)
    asked = [live.memory_id, gone.memory_id, elsewhere.memory_id, MemoryId("never")]
    assert shelf.archive.known(PROJECT, asked) == {live.memory_id, gone.memory_id}


def test_a_restore_stays_in_its_project(shelves: tuple[Shelf, Shelf]) -> None:
    """The same memory may be restored into two projects of one installation, each with its own history."""
    one, two = shelves
    one.insert(a_memory("Ana sings.", scope=ANA))
    (archived,) = one.dumped()
    elsewhere = replace(archived, memory=replace(archived.memory, project_id=OTHER_PROJECT))
    assert two.archive.restore([archived, elsewhere]) == [True, True]
    assert len(two.dumped()) == len(two.dumped(project=OTHER_PROJECT)) == 1
    assert len(two.stores.memories.versions(OTHER_PROJECT, archived.memory.memory_id)) == 1
