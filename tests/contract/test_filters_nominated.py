"""A filter means the same to an index's nominations as to the domain: what matches is never left out."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import MODEL, PROJECT, a_vector
from support.clocks import START
from support.filter_cases import OWNERS, can_be_indexed, expressions, nested_filter, some_memories, times
from support.index_bench import IndexBench

from ricordo.domain import filters as f
from ricordo.domain.filter_grammar import MAX_CONDITIONS, MAX_DEPTH, parse_filters
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import LifecycleState, Memory
from ricordo.domain.scope import OwnerType
from ricordo.ports.search_index import IndexQuery

EVERY_WORD = ("tea", "straße", "strasse", "東京", "ist", "a", "b", "s", "l")


@dataclass(frozen=True, slots=True)
class Pool:
    """An index and the memories it holds."""

    bench: IndexBench
    memories: Sequence[Memory]

    def matching(self, where: f.Expression) -> set[MemoryId]:
        """Return what matches, as the domain has it."""
        return {memory.memory_id for memory in self.memories if f.matches(where, memory)}

    def nominated(self, where: f.Expression, **changes: Any) -> set[MemoryId]:
        """Return what the index nominates, with room for all."""
        fields: dict[str, Any] = {"vector": None, "terms": (), "limit": len(self.memories)}
        query = IndexQuery(project_id=PROJECT, where=where, model_id=MODEL, **(fields | changes))
        return set(self.bench.index.nominate(query))


@pytest.fixture(scope="module")
def pool(open_index_bench: Callable[[], AbstractContextManager[IndexBench]]) -> Iterator[Pool]:
    """Two hundred memories of every shape."""
    with open_index_bench() as bench:
        yield Pool(bench, bench.store(*some_memories(200)))


@settings(max_examples=600, deadline=None)
@given(where=expressions)
def test_the_index_nominates_what_matches(pool: Pool, where: f.Expression) -> None:
    """It names by vector every memory that matches, and where it can tell, by vector and words no other."""
    matching = pool.matching(where)

    by_vector, by_words = pool.nominated(where, vector=a_vector(0)), pool.nominated(where, terms=EVERY_WORD)

    assert matching <= by_vector
    if can_be_indexed(where):
        assert by_vector == matching
        assert by_words <= matching


@settings(max_examples=100, deadline=None)
@given(owner=st.sampled_from(OWNERS), at=times)
def test_the_everyday_filter_agrees_too(pool: Pool, owner: str, at: datetime) -> None:
    """One owner, active, not expired: the shape of nearly every search."""
    active = f.InState(frozenset({LifecycleState.ACTIVE}))
    where = f.All((f.OwnedBy(OwnerType.USER, frozenset([owner])), active, f.UnexpiredAt(at)))

    assert pool.nominated(where, vector=a_vector(0)) == pool.matching(where)


@pytest.mark.parametrize("seed", range(40))
def test_deep_filters_nominate_what_matches(pool: Pool, seed: int) -> None:
    """A filter as deep and as long as the grammar allows loses nothing that matches."""
    draw = random.Random(seed)  # noqa: S311  no secret
    where = parse_filters(nested_filter(draw, MAX_DEPTH - 1, draw.choice([40, 200, 800])))

    assert pool.matching(where) <= pool.nominated(where, vector=a_vector(0))


@pytest.mark.parametrize("joined", [f.All, f.AnyOf])
@pytest.mark.parametrize("negated", [False, True])
def test_a_filter_of_a_thousand_conditions_is_carried_out(pool: Pool, joined: Any, *, negated: bool) -> None:
    """The longest filter there is is no fault, beside the longest question, whatever stands in it."""
    leaves = [f.MetadataPresent("k"), f.CategoryIn(None), f.Within(f.TimeField.CREATED_AT, START, None)]
    if negated:
        leaves = [f.Not(leaf) for leaf in leaves]
    where = joined(tuple(leaves[number % 3] for number in range(MAX_CONDITIONS)))
    terms = tuple(f"w{number}" for number in range(64))

    assert pool.matching(where) <= pool.nominated(where, vector=a_vector(0), terms=terms)


def test_a_thousand_values_are_one_condition(pool: Pool) -> None:
    """A filter that lists values is carried out to the letter."""
    ids = f.IdIn(frozenset(["m1", *(f"absent {number}" for number in range(MAX_CONDITIONS - 1))]))

    assert pool.nominated(ids, vector=a_vector(0)) == {"m1"}
    assert pool.nominated(f.Not(ids), vector=a_vector(0)) == pool.matching(f.Not(ids))
