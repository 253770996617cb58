"""A filter means the same to the domain and to a store's list."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from support.builders import PROJECT, a_memory
from support.filter_cases import expressions, stored
from support.stores import Stores

from ricordo.domain import filters as f
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Memory
from ricordo.domain.paging import PageRequest


@pytest.fixture(scope="module")
def shared(open_stores: Callable[[], AbstractContextManager[Stores]]) -> Iterator[Stores]:
    """One backend for all examples; each example takes a project of its own."""
    with open_stores() as opened:
        yield opened


_projects = iter(range(1_000_000))


def written(stores: Stores, drawn: tuple[Memory, ...]) -> tuple[ProjectId, list[Memory]]:
    """Store the drawn memories in a project of their own; return it and what it holds."""
    project_id = ProjectId(f"project {next(_projects)}")
    mine = [replace(memory, project_id=project_id) for memory in drawn]
    stores.memories.insert(mine)
    return project_id, list(stores.memories.list(project_id, f.All(), PageRequest(1, 100)).items)


@settings(max_examples=150, deadline=None)
@given(drawn=stored, where=expressions)
def test_the_store_lists_exactly_what_matches(shared: Stores, drawn: tuple[Memory, ...], where: f.Expression) -> None:
    """`list` accepts a memory exactly when `domain.filters.matches` does."""
    project_id, held = written(shared, drawn)

    page = shared.memories.list(project_id, where, PageRequest(1, 100))

    assert page.items == [memory for memory in held if f.matches(where, memory)]
    assert page.total == len(page.items)


@pytest.mark.parametrize("joined", [f.All, f.AnyOf])
def test_a_filter_of_a_thousand_conditions_is_listed(stores: Stores, joined: Any) -> None:
    """The longest filter the grammar admits is carried out, be it of many conditions or of many values."""
    stores.memories.insert([a_memory("needle", metadata={"k": "x"}, categories=("c",))])
    many = (
        f.MetadataContains("k", "x"),
        f.CategoryIn(None),
        f.Not(f.TextContains("absent", folds_case=True)),
    )
    where = joined(tuple(many[number % 3] for number in range(1000)))
    values = f.IdIn(frozenset(f"id {number}" for number in range(1000)))

    assert stores.memories.list(PROJECT, where, PageRequest()).total == 1
    assert stores.memories.list(PROJECT, f.Not(values), PageRequest()).total == 1


@pytest.mark.parametrize(
    ("one", "other", "are_equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (None, "null", False),
        (1, "1", False),
        ([1, 2], [1.0, 2], True),
        ([1], ["1"], False),
        (["a", "b"], ["a\x1fb"], False),
        ([["a"], "b"], [["a", "b"]], False),
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, True),
        ({"a": True}, {"a": 1}, False),
        ({}, [], False),
        (10**30, 1e30, False),
        (0.0, -0.0, True),
    ],
)
def test_metadata_tokens_are_equal_exactly_when_the_values_are(one: object, other: object, *, are_equal: bool) -> None:
    """Numbers are compared as numbers, everything else by kind and value, however deep."""
    assert (f.metadata_token(one) == f.metadata_token(other)) is are_equal
