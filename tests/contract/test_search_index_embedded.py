"""What an index that is part of the truth's file does besides: it sees the truth's own steps at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.builders import PROJECT, a_memory, embedded, owned_by
from support.clocks import START
from support.index_bench import SqliteBench, sqlite_bench
from support.index_queries import by_vector, by_words

from ricordo.domain.filters import AnyOf
from ricordo.domain.moments import parse_moment
from ricordo.domain.scope import Scope


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SqliteBench]:
    """An empty index."""
    with sqlite_bench(tmp_path / "ricordo.db") as opened:
        yield opened


def test_hidden_memories_are_not_nominated(bench: SqliteBench) -> None:
    """The cut is seen at once, by searches and beside what is left."""
    memory, kept, other = bench.store(
        a_memory("tea", thread="t", embedding=embedded(0)),
        a_memory("tea", thread="t", scope=Scope("bo"), embedding=embedded(0)),
        a_memory("milk", thread="t", scope=Scope("cy")),
    )
    both = AnyOf((owned_by("ana"), owned_by("bo")))
    assert set(by_vector(bench, both)) == {memory.memory_id, kept.memory_id}

    bench.stores.memories.hide(PROJECT, owned_by("ana"))

    assert by_vector(bench, both) == by_words(bench, "tea", where=both) == [kept.memory_id]
    assert list(bench.index.neighbours(PROJECT, [kept])) == [other.memory_id]


def test_what_comes_after_a_purge_is_nominated(bench: SqliteBench) -> None:
    """Removing rows for good does not blind the index to the next write, nor leave a gap in its answers."""
    old = a_memory("tea", embedding=embedded(0), expiration=parse_moment("2020-01-01", "expiration_date"))
    bench.store(a_memory("milk", embedding=embedded(1)), old)
    assert by_vector(bench, limit=1) == [old.memory_id]
    bench.stores.memories.purge(PROJECT, older_than=START)
    (new,) = bench.store(a_memory("tea", embedding=embedded(0)))

    assert by_vector(bench, limit=1) == by_words(bench, "tea") == [new.memory_id]


def test_words_come_back_with_the_version_that_lost_them(bench: SqliteBench) -> None:
    """An upsert shows what the truth holds, whatever was removed before."""
    (memory,) = bench.store(a_memory("tea"))
    bench.index.remove(PROJECT, {memory.memory_id: memory.version})
    assert by_words(bench, "tea") == []

    bench.index.upsert([memory])

    assert by_words(bench, "tea") == [memory.memory_id]
