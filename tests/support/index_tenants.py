"""What keeps tenants apart in an index, as one check that every backend takes."""

from collections.abc import Sequence
from dataclasses import replace

from support.builders import OTHER_PROJECT, PROJECT, a_memory, embedded, ids_of
from support.clocks import START
from support.index_bench import IndexBench
from support.index_queries import by_vector, by_words

from ricordo.domain.filters import All
from ricordo.domain.memory import Memory, bury


def projects_never_see_each_other(bench: IndexBench) -> None:
    """Check that every method answers for its own project: with equal ids, and with equal owners, threads and texts."""
    mine = bench.store(*(a_memory(f"tea {n}", embedding=embedded(0)) for n in range(3)))
    namesakes = bench.store(*(replace(memory, project_id=OTHER_PROJECT, sequence=0) for memory in mine))
    strangers = bench.store(
        *(a_memory(f"tea {n}", project_id=OTHER_PROJECT, embedding=embedded(0)) for n in range(3, 6))
    )
    _finds_only(bench, mine)
    for memory in [*namesakes, *strangers]:
        bench.change(bury(memory, now=START))
    _finds_only(bench, mine)
    assert by_vector(bench, project_id=OTHER_PROJECT, terms=("tea",)) == []
    assert list(bench.index.neighbours(OTHER_PROJECT, namesakes)) == []


def _finds_only(bench: IndexBench, mine: Sequence[Memory]) -> None:
    ids = set(ids_of(mine))
    for where in (None, All()):
        assert set(by_vector(bench, where)) == ids
        assert set(by_words(bench, "tea", where=where)) == ids
    assert set(bench.index.neighbours(PROJECT, [mine[1]])) == {mine[0].memory_id, mine[2].memory_id}
    assert list(bench.index.neighbours(PROJECT, [mine[2]])) == [mine[1].memory_id]
