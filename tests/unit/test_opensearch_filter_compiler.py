"""What the filter compiler of OpenSearch promises beyond its meaning, which the contract suite has."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from support.filter_cases import expressions

from ricordo.adapters.opensearch.filter_compiler import EVERYTHING, MOST_CONDITIONS, NOTHING, compile_filter
from ricordo.domain.filter_grammar import MAX_CONDITIONS, count_conditions
from ricordo.domain.filters import All, AnyOf, Expression, MetadataPresent, Not, TextContains

TEXT = TextContains("tea", folds_case=True)


def leaves(query: Any) -> Iterator[dict[str, Any]]:
    """Yield the conditions that an engine counts."""
    (kind, body), *_ = query.items()
    if kind != "bool":
        yield query
        return
    for parts in body.values():
        for part in parts:
            yield from leaves(part)


@settings(max_examples=300)
@given(where=expressions)
def test_a_query_has_no_more_conditions_than_its_filter(where: Expression) -> None:
    """Joining and negating add none, so that an engine's limit is met by the filter alone."""
    assert len(list(leaves(compile_filter(where).clause.query))) <= count_conditions(where)


@pytest.mark.parametrize("joined", [All, AnyOf])
def test_conditions_over_the_limit_are_left_to_the_truth(joined: Any) -> None:
    """A filter of more conditions than an engine takes loses some, and then is not exact."""
    where = joined(tuple(MetadataPresent(f"k{number}") for number in range(MAX_CONDITIONS)))
    compiled = compile_filter(where)

    assert len(list(leaves(compiled.clause.query))) <= MOST_CONDITIONS
    assert not compiled.is_exact


def test_what_is_not_indexed_widens_on_the_side_that_loses_nothing() -> None:
    """A substring may stand in any memory, and its opposite be true of any."""
    for where in (TEXT, Not(TEXT), Not(Not(TEXT)), AnyOf((TEXT, MetadataPresent("k")))):
        assert compile_filter(where).clause == EVERYTHING
        assert not compile_filter(where).is_exact


def test_what_can_never_match_is_known_before_it_is_asked() -> None:
    """Empty alternatives and the opposite of everything need no request."""
    for where in (AnyOf(()), Not(All(())), All((MetadataPresent("k"), AnyOf(())))):
        assert compile_filter(where).clause == NOTHING
        assert compile_filter(where).is_exact
