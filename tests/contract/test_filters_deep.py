"""Filters as deep and as long as the grammar allows are carried out by every store."""

import random
from typing import Any

import pytest
from support.builders import PROJECT, a_memory
from support.filter_cases import nested_filter
from support.stores import Stores

from ricordo.domain.errors import InvalidFilterError
from ricordo.domain.filter_grammar import MAX_CONDITIONS, MAX_DEPTH, parse_filters
from ricordo.domain.filters import matches
from ricordo.domain.paging import PageRequest


@pytest.mark.parametrize("seed", range(40))
def test_deep_filters_mean_what_they_say(stores: Stores, seed: int) -> None:
    """A filter of the greatest depth lists exactly the memories the domain says match."""
    draw = random.Random(seed)  # noqa: S311  no secret
    made = [stores.memories.insert([a_memory(text)])[0] for text in ("Lives in Lisbon.", "Lives in Oslo.")]
    where = parse_filters(nested_filter(draw, MAX_DEPTH - 1, draw.choice([40, 200, 800])))
    listed = stores.memories.list(PROJECT, where, PageRequest()).items
    expected = [outcome.memory for outcome in made if matches(where, outcome.memory)]  # type: ignore[union-attr]  # stored
    assert {memory.memory_id for memory in listed} == {memory.memory_id for memory in expected}


@pytest.mark.parametrize("leaf", [{"metadata": {"a": {"contains": "x"}}}, {}], ids=["condition", "nothing"])
@pytest.mark.parametrize("operator", ["AND", "OR", "NOT"])
def test_long_filters_are_carried_out(stores: Stores, operator: str, leaf: dict[str, Any]) -> None:
    """A filter of as many conditions as there may be is no fault; an empty one counts as a condition."""
    where = parse_filters({operator: [leaf] * MAX_CONDITIONS})
    assert stores.memories.list(PROJECT, where, PageRequest()).total == 0
    with pytest.raises(InvalidFilterError):
        parse_filters({operator: [leaf] * (MAX_CONDITIONS + 1)})
