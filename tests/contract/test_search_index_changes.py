"""What every search index does: follow what is updated, hidden, removed and purged."""

from dataclasses import replace
from datetime import timedelta

from support.builders import (
    OTHER_PROJECT,
    PROJECT,
    a_memory,
    embedded,
    ids_of,
    owned_by,
)
from support.clocks import START
from support.index_queries import by_vector, by_words, store
from support.stores import Stores

from ricordo.domain.filters import (
    All,
    AnyOf,
)
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import LifecycleState, Memory, MemoryPatch, bury, revise
from ricordo.domain.moments import parse_moment
from ricordo.domain.scope import Scope

LATER = START + timedelta(hours=1)


def change(stores: Stores, memory: Memory) -> None:
    """Write the next version to the truth and to the index."""
    stores.memories.replace(memory, expected_version=memory.version - 1)
    if memory.state is LifecycleState.DELETED:
        stores.index.remove(memory.project_id, [memory.memory_id])
    else:
        stores.index.upsert([memory])


def test_an_update_is_seen_at_once(stores: Stores) -> None:
    """After an update the old words and vector find nothing and the new ones do."""
    memory = a_memory("tea", embedding=embedded(0))
    store(stores, memory)
    assert by_vector(stores) == by_words(stores, "tea") == [memory.memory_id]

    change(stores, replace(revise(memory, MemoryPatch(text="coffee"), now=LATER), embedding=embedded(1)))

    assert by_words(stores, "tea") == []
    assert by_words(stores, "coffee") == [memory.memory_id]
    nearer = a_memory("milk", embedding=embedded(0))
    store(stores, nearer)
    assert by_vector(stores) == [nearer.memory_id, memory.memory_id]


def test_a_deleted_memory_is_not_nominated(stores: Stores) -> None:
    """After a delete neither words nor vector find the memory."""
    memory = a_memory("tea", embedding=embedded(0))
    store(stores, memory)
    assert by_vector(stores) == [memory.memory_id]

    change(stores, bury(memory, now=LATER))

    assert by_vector(stores) == by_words(stores, "tea") == []


def test_hidden_memories_are_not_nominated(stores: Stores) -> None:
    """The cut is seen at once."""
    memory, kept = (
        a_memory("tea", embedding=embedded(0)),
        a_memory("tea", scope=Scope("bo"), embedding=embedded(0)),
    )
    store(stores, memory, kept)
    both = AnyOf((owned_by("ana"), owned_by("bo")))
    assert set(by_vector(stores, both)) == {memory.memory_id, kept.memory_id}

    stores.memories.hide(PROJECT, owned_by("ana"))

    assert by_vector(stores, both) == by_words(stores, "tea", where=both) == [kept.memory_id]


def test_what_comes_after_a_purge_is_nominated(stores: Stores) -> None:
    """Removing rows for good does not blind the index to the next write, nor leave a gap in its answers."""
    old = a_memory("tea", embedding=embedded(0), expiration=parse_moment("2020-01-01", "expiration_date"))
    store(stores, a_memory("milk", embedding=embedded(1)), old)
    assert by_vector(stores, limit=1) == [old.memory_id]
    stores.memories.purge(PROJECT, older_than=START)
    new = a_memory("tea", embedding=embedded(0))
    store(stores, new)

    assert by_vector(stores, limit=1) == by_words(stores, "tea") == [new.memory_id]


def test_a_removed_memory_returns_with_an_upsert(stores: Stores) -> None:
    """`remove` forgets words, an upsert brings them back, unknown ids and repetitions are no error."""
    memory = a_memory("tea")
    store(stores, memory)
    stores.index.remove(PROJECT, [MemoryId("unknown"), memory.memory_id, memory.memory_id])
    assert by_words(stores, "tea") == []

    stores.index.upsert([memory])
    stores.index.upsert([memory])

    assert by_words(stores, "tea") == [memory.memory_id]


def test_neighbours_step_over_what_is_gone(stores: Stores) -> None:
    """Beside a gap stands the next one that is there."""
    thread = [
        a_memory(f"line {number}", scope=Scope("ana" if number != 3 else "bo"), thread="t") for number in range(5)
    ]
    store(stores, *thread)
    change(stores, bury(thread[1], now=LATER))
    stores.memories.hide(PROJECT, owned_by("bo"))

    assert set(stores.index.neighbours(PROJECT, [thread[2].memory_id])) == {
        thread[0].memory_id,
        thread[4].memory_id,
    }


def test_projects_never_see_each_other(stores: Stores) -> None:
    """With equal ids, owners and threads in two projects, every method answers for its own."""
    mine = [a_memory(f"tea {n}", embedding=embedded(0), speaker="Ana") for n in range(3)]
    theirs = [replace(memory, project_id=OTHER_PROJECT, speaker="Eve") for memory in mine]
    store(stores, *mine, *theirs)
    stores.memories.hide(OTHER_PROJECT, owned_by())
    stores.index.remove(OTHER_PROJECT, ids_of(mine))

    assert by_vector(stores) == ids_of(mine)
    assert by_words(stores, "tea") == ids_of(mine)
    assert by_vector(stores, All()) == ids_of(mine)
    assert set(by_words(stores, "tea", where=All())) == set(ids_of(mine))
    assert by_vector(stores, project_id=OTHER_PROJECT, terms=("tea",)) == []
    assert stores.index.speakers(PROJECT, owned_by()) == {"Ana"}
    assert set(stores.index.neighbours(PROJECT, [mine[1].memory_id])) == {
        mine[0].memory_id,
        mine[2].memory_id,
    }
    assert list(stores.index.neighbours(OTHER_PROJECT, [mine[1].memory_id])) == []
