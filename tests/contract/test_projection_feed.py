"""What every feed of the projections does: says how memories stand, and what a search must add by itself."""

from dataclasses import replace
from datetime import timedelta

from support.builders import OTHER_PROJECT, PROJECT, a_memory, embedded, ids_of, owned_by
from support.clocks import START
from support.stores import Stores

from ricordo.domain.filters import All
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import LifecycleState, Memory, MemoryPatch, bury, revise
from ricordo.domain.moments import parse_moment
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import Scope
from ricordo.ports.memory_store import Stored

LATER = START + timedelta(hours=1)
EXPIRED = parse_moment("2020-01-01", "expiration_date")


def insert(stores: Stores, *memories: Memory) -> list[Memory]:
    """Store memories and return them as stored."""
    outcomes = stores.memories.insert(memories)
    return [outcome.memory for outcome in outcomes if isinstance(outcome, Stored)]


def pending(stores: Stores, **changes: object) -> list[MemoryId]:
    """Return what is pending of Ana's."""
    asked = {"project_id": PROJECT, "where": owned_by(), "limit": 10, "now": START} | changes
    return list(stores.feed.pending(**asked).memory_ids)  # type: ignore[arg-type]  # as named


def test_what_stands_is_told_whatever_became_of_it(stores: Stores) -> None:
    """Live memories, expired and superseded ones too, are live; tombstones and hidden ones are not."""
    live, expired, superseded, deleted, hidden = insert(
        stores,
        a_memory("live"),
        a_memory("expired", expiration=EXPIRED),
        a_memory("superseded", state=LifecycleState.SUPERSEDED),
        a_memory("deleted"),
        a_memory("hidden", scope=Scope("bo")),
    )
    tombstone = bury(deleted, now=LATER)
    stores.memories.replace(tombstone, expected_version=1)
    stores.memories.hide(PROJECT, owned_by("bo"))

    standing = stores.feed.standing(PROJECT, [*ids_of([live, expired, superseded, deleted, hidden]), MemoryId("never")])

    assert {memory_id: (one.memory, one.is_live) for memory_id, one in standing.items()} == {
        live.memory_id: (live, True),
        expired.memory_id: (expired, True),
        superseded.memory_id: (superseded, True),
        deleted.memory_id: (tombstone, False),
        hidden.memory_id: (hidden, False),
    }


def test_what_was_purged_stands_no_more(stores: Stores) -> None:
    """Of a memory removed for good nothing is told."""
    (memory,) = insert(stores, a_memory(expiration=EXPIRED))
    stores.memories.purge(PROJECT, older_than=LATER)

    assert stores.feed.standing(PROJECT, [memory.memory_id]) == {}


def test_the_last_version_stands(stores: Stores) -> None:
    """What was just written is read."""
    (memory,) = insert(stores, a_memory("one"))
    changed = revise(memory, MemoryPatch(text="two"), now=LATER)
    stores.memories.replace(changed, expected_version=1)

    assert stores.feed.standing(PROJECT, [memory.memory_id])[memory.memory_id].memory == changed


def test_pending_is_a_part_of_what_the_owners_have(stores: Stores) -> None:
    """It names no memory of other owners or projects, none that is gone, and all there is when it fits."""
    mine, deleted = insert(stores, a_memory("tea"), a_memory("milk"))
    insert(stores, a_memory("his", scope=Scope("bo")), a_memory("elsewhere", project_id=OTHER_PROJECT))
    stores.memories.replace(bury(deleted, now=LATER), expected_version=1)

    assert set(pending(stores)) <= {mine.memory_id}
    assert stores.feed.pending(PROJECT, owned_by(), limit=10, now=START).is_complete


def test_nothing_is_pending_once_the_index_shows_it(stores: Stores) -> None:
    """What was settled is pending until it is visible, and settling again does no harm."""
    memories = insert(stores, a_memory("tea"), a_memory("milk"))
    versions = dict.fromkeys(ids_of(memories), 1)
    for now in (START, START, LATER, LATER):
        stores.feed.settle(PROJECT, versions, visible_at=now + timedelta(seconds=1), now=now)

    assert pending(stores, now=LATER + timedelta(seconds=1)) == []
    assert pending(stores, where=All(), now=LATER + timedelta(seconds=1)) == []


def test_a_vector_is_kept_without_a_new_version(stores: Stores) -> None:
    """A memory accepted while the embedder was down gets its vector later, and nothing else changes."""
    (memory,) = insert(stores, a_memory())

    assert stores.feed.keep_embeddings([replace(memory, embedding=embedded(2))]) == 1

    found = stores.memories.get(PROJECT, [memory.memory_id])[memory.memory_id]
    assert found == replace(memory, embedding=embedded(2))
    assert len(stores.memories.versions(PROJECT, memory.memory_id)) == 1


def test_the_vector_of_the_serving_model_is_read(stores: Stores) -> None:
    """A memory embedded by an earlier model is read with its new vector as soon as that is kept."""
    (memory,) = insert(stores, a_memory(embedding=embedded(0, "earlier")))
    assert memory.embedding == embedded(0, "earlier")

    stores.feed.keep_embeddings([replace(memory, embedding=embedded(1))])

    assert stores.memories.get(PROJECT, [memory.memory_id])[memory.memory_id].embedding == embedded(1)
    assert stores.memories.list(PROJECT, All(), PageRequest()).items[0].embedding == embedded(1)


def test_a_vector_of_another_version_is_not_kept(stores: Stores) -> None:
    """Neither of a text that has changed since, nor of what was deleted or never was; those are not counted."""
    changed, deleted, kept = insert(stores, a_memory("changed"), a_memory("deleted"), a_memory("kept"))
    stores.memories.replace(revise(changed, MemoryPatch(text="x"), now=LATER), expected_version=1)
    tombstone = bury(deleted, now=LATER)
    stores.memories.replace(tombstone, expected_version=1)
    offered = [replace(one, embedding=embedded(0)) for one in (changed, tombstone, a_memory("never"), kept)]

    assert stores.feed.keep_embeddings([*offered, a_memory("without one")]) == 1

    found = stores.memories.get(PROJECT, ids_of([changed, kept]))
    assert [found[one.memory_id].embedding for one in (changed, kept)] == [None, embedded(0)]


def test_no_remains_are_removed_of_what_stands(stores: Stores) -> None:
    """A memory whose id was given again after its removal keeps all it has."""
    (memory,) = insert(stores, a_memory("tea", expiration=EXPIRED))

    stores.feed.remove_remains(PROJECT, memory)

    assert stores.memories.list(PROJECT, All(), PageRequest()).items == [memory]
    assert len(stores.memories.versions(PROJECT, memory.memory_id)) == 1


def test_projects_never_see_each_other(stores: Stores) -> None:
    """With equal ids and texts in two projects, every method speaks of its own alone."""
    (mine,) = insert(stores, a_memory("tea"))
    (theirs,) = insert(stores, replace(mine, project_id=OTHER_PROJECT))
    insert(stores, a_memory("theirs alone", memory_id="theirs", project_id=OTHER_PROJECT))

    assert stores.feed.standing(PROJECT, [mine.memory_id, MemoryId("theirs")]).keys() == {mine.memory_id}
    assert stores.feed.standing(OTHER_PROJECT, [mine.memory_id])[mine.memory_id].memory == theirs
    stores.feed.settle(PROJECT, {mine.memory_id: 1}, visible_at=START, now=START)
    stores.feed.keep_embeddings([replace(mine, embedding=embedded(0))])
    assert pending(stores, where=All()) == []
    assert set(pending(stores, where=All(), project_id=OTHER_PROJECT)) <= {mine.memory_id, MemoryId("theirs")}
    assert stores.memories.get(OTHER_PROJECT, [mine.memory_id])[mine.memory_id].embedding is None
