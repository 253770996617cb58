"""What every builder does: a whole new index from the truth, while the old one serves and changes go on."""

from support.builders import a_memory, embedded, ids_of
from support.clocks import START
from support.index_bench import IndexBench
from support.index_queries import by_vector, by_words

from ricordo.domain.memory import MemoryPatch, bury, revise


def test_a_built_index_shows_what_was_written(index_bench: IndexBench) -> None:
    """What the index had lost is found again."""
    lost, kept = stored = index_bench.store(*(a_memory(f"tea {n}", embedding=embedded(0)) for n in range(2)))
    index_bench.index.remove(lost.project_id, {lost.memory_id: lost.version})
    index_bench.settle()
    assert by_words(index_bench, "tea") == [kept.memory_id]

    build = index_bench.builder.begin()
    index_bench.builder.write(build, stored)
    index_bench.builder.write(build, [])
    index_bench.builder.finish(build)

    assert set(by_words(index_bench, "tea")) == set(by_vector(index_bench)) == set(ids_of(stored))


def test_ensuring_leaves_an_index_that_serves(index_bench: IndexBench) -> None:
    """Whoever wants an index to be there may ask at any time, and again."""
    (memory,) = index_bench.store(a_memory("tea"))

    index_bench.builder.ensure()
    index_bench.builder.ensure()

    assert by_words(index_bench, "tea") == [memory.memory_id]


def test_the_old_index_serves_until_the_end(index_bench: IndexBench) -> None:
    """A build that has only begun takes nothing away."""
    (memory,) = index_bench.store(a_memory("tea"))

    build = index_bench.builder.begin()

    assert by_words(index_bench, "tea") == [memory.memory_id]
    index_bench.builder.write(build, [memory])
    index_bench.builder.finish(build)
    assert by_words(index_bench, "tea") == [memory.memory_id]


def test_changes_during_a_build_reach_both(index_bench: IndexBench) -> None:
    """What is added, changed and deleted meanwhile is seen at once, and still when the new index serves."""
    changing, going = index_bench.store(a_memory("tea"), a_memory("tea too"))
    build = index_bench.builder.begin()
    index_bench.builder.write(build, [changing, going])

    (added,) = index_bench.store(a_memory("tea at four"))
    index_bench.change(revise(changing, MemoryPatch(text="coffee"), now=START))
    index_bench.change(bury(going, now=START))

    assert by_words(index_bench, "tea") == [added.memory_id]
    index_bench.builder.finish(build)
    assert by_words(index_bench, "tea") == [added.memory_id]
    assert by_words(index_bench, "coffee") == [changing.memory_id]


def test_an_abandoned_build_changes_nothing(index_bench: IndexBench) -> None:
    """The index serves as before, and the next build begins anew."""
    (memory,) = index_bench.store(a_memory("tea"))
    build = index_bench.builder.begin()

    index_bench.builder.abandon(build)
    index_bench.builder.abandon(build)

    assert by_words(index_bench, "tea") == [memory.memory_id]
    (other,) = index_bench.store(a_memory("tea too"))
    again = index_bench.builder.begin()
    index_bench.builder.write(again, [memory, other])
    index_bench.builder.finish(again)
    index_bench.builder.abandon(again)
    assert set(by_words(index_bench, "tea")) == {memory.memory_id, other.memory_id}


def test_a_build_follows_one_that_was_cut_short(index_bench: IndexBench) -> None:
    """What a build left behind that never ended is not in the way, and finishing twice is no fault."""
    (memory,) = index_bench.store(a_memory("tea"))
    index_bench.builder.write(index_bench.builder.begin(), [memory])

    build = index_bench.builder.begin()
    index_bench.builder.write(build, [memory])
    index_bench.builder.finish(build)
    index_bench.builder.finish(build)

    assert by_words(index_bench, "tea") == [memory.memory_id]
