"""What every search index does: follow what is updated and removed."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from support.builders import MODEL, OTHER_PROJECT, PROJECT, a_memory, embedded
from support.clocks import START
from support.index_bench import IndexBench
from support.index_queries import by_vector, by_words
from support.index_tenants import projects_never_see_each_other

from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import MemoryPatch, bury, revise

LATER = START + timedelta(hours=1)


def test_an_update_is_seen(index_bench: IndexBench) -> None:
    """After an update the old words and vector find nothing and the new ones do."""
    (memory,) = index_bench.store(a_memory("tea", embedding=embedded(0)))
    assert by_vector(index_bench) == by_words(index_bench, "tea") == [memory.memory_id]

    index_bench.change(replace(revise(memory, MemoryPatch(text="coffee"), now=LATER), embedding=embedded(1)))

    assert by_words(index_bench, "tea") == []
    assert by_words(index_bench, "coffee") == [memory.memory_id]
    (nearer,) = index_bench.store(a_memory("milk", embedding=embedded(0)))
    assert by_vector(index_bench) == [nearer.memory_id, memory.memory_id]


def test_a_deleted_memory_is_not_nominated(index_bench: IndexBench) -> None:
    """After a delete neither words nor vector find the memory."""
    (memory,) = index_bench.store(a_memory("tea", embedding=embedded(0)))
    assert by_vector(index_bench) == [memory.memory_id]

    index_bench.change(bury(memory, now=LATER))

    assert by_vector(index_bench) == by_words(index_bench, "tea") == []


def test_a_removed_memory_returns_with_a_later_version(index_bench: IndexBench) -> None:
    """`remove` forgets words, a later version brings them back; unknown ids and repetitions are no error."""
    (memory,) = index_bench.store(a_memory("tea"))
    for _ in range(2):
        index_bench.index.remove(PROJECT, {MemoryId("unknown"): 1, memory.memory_id: memory.version})
    index_bench.settle()
    assert by_words(index_bench, "tea") == []

    returned = revise(memory, MemoryPatch(metadata={"k": 1}), now=LATER)
    index_bench.change(returned)
    index_bench.index.upsert([returned])
    index_bench.settle()

    assert by_words(index_bench, "tea") == [memory.memory_id]


def test_nothing_to_write_is_no_fault(index_bench: IndexBench) -> None:
    """An empty batch is carried out."""
    index_bench.index.upsert([])
    index_bench.index.remove(PROJECT, {})


def test_neighbours_step_over_what_is_gone(index_bench: IndexBench) -> None:
    """Beside a gap stands the next one that is there."""
    thread = index_bench.store(*(a_memory(f"line {number}") for number in range(6)))
    index_bench.change(bury(thread[1], now=LATER))
    index_bench.change(bury(thread[3], now=LATER))
    index_bench.change(bury(thread[4], now=LATER))

    assert set(index_bench.index.neighbours(PROJECT, [thread[2]])) == {thread[0].memory_id, thread[5].memory_id}


def test_projects_never_see_each_other(index_bench: IndexBench) -> None:
    """With equal ids, owners and threads in two projects, every method answers for its own."""
    projects_never_see_each_other(index_bench)


def test_memories_without_a_vector_are_named(index_bench: IndexBench) -> None:
    """Those that lack a vector of the model are named, up to a limit, until they are given one; no tombstones."""
    bare, other = a_memory("milk"), a_memory("coffee")
    _, bare, other, gone = index_bench.store(a_memory("tea", embedding=embedded(0)), bare, other, a_memory("cocoa"))
    index_bench.change(bury(gone, now=LATER))
    lacking = partial(index_bench.index.without_vector, PROJECT, MODEL)
    assert set(lacking(limit=10)) == {bare.memory_id, other.memory_id}
    assert len(lacking(limit=1)) == 1
    assert index_bench.index.without_vector(OTHER_PROJECT, MODEL, limit=10) == []

    index_bench.change(replace(revise(bare, MemoryPatch(text="oat milk"), now=LATER), embedding=embedded(1)))
    assert lacking(limit=10) == [other.memory_id]
