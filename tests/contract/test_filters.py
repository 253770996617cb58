"""A filter means the same to the domain, to a store's list and to an index's nominations."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import MODEL, PROJECT, a_memory, a_vector, embedded
from support.clocks import START
from support.stores import Stores, sqlite_stores

from ricordo.domain import filters as f
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import LifecycleState, Memory
from ricordo.domain.moments import parse_moment
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import OwnerType, Scope
from ricordo.ports.search_index import IndexQuery

# Few values, so that conditions are met; each is one that some layer may read its own way.
WORDS = [
    "tea",
    "TEA",
    "straße",
    "STRASSE",
    "İst",
    "a\0b",
    "\0",
    "'; --",
    '"',
    "%",
    "_",
    "\x1f",
    "s:",
    "l:",
    "東京",
    " ",
]
OWNERS = ["ana", "ANA", "a\0", "*x", "", "東"]
TIMES = [START + timedelta(microseconds=n) for n in (-1, 0, 1)] + [START - timedelta(days=30_000)]
KEYS = ["k", "K", "", "a.b", "\0"]
SCALARS: list[object] = [
    None, True, False, 0, 1, -1, 2**53, 2**53 + 1, 10**30, 0.0, -0.0, 1.0, 1.5, 1e30, 1e-7, "1", "true",
    "null", *WORDS,
]  # fmt: skip

words = st.sampled_from(WORDS)
texts = st.lists(words, min_size=1, max_size=3).map("".join)
owners = st.none() | st.sampled_from(OWNERS[:-2])
scalars = st.sampled_from(SCALARS)
values = (
    scalars
    | st.lists(scalars | st.lists(scalars, max_size=2), max_size=3)
    | st.dictionaries(words, scalars, max_size=2)
)
times = st.sampled_from(TIMES)
maybe_times = st.none() | times
names = st.frozensets(words, min_size=1, max_size=3)
owner_sets = st.frozensets(st.sampled_from(OWNERS), max_size=3)
ids = st.frozensets(st.sampled_from(["m0", "m1", "m2", "M1", "m1\0"]), max_size=3)


@st.composite
def memories(draw: st.DrawFn, memory_id: str) -> Memory:
    """Draw a memory of any owners, state and metadata."""
    scope = Scope(draw(owners), draw(owners), draw(owners), draw(owners))
    expiration = draw(maybe_times)
    return a_memory(
        draw(texts),
        memory_id=MemoryId(memory_id),
        scope=scope,
        state=draw(st.sampled_from([s for s in LifecycleState if s is not LifecycleState.DELETED])),
        metadata=draw(st.dictionaries(st.sampled_from(KEYS), values, max_size=3)),
        categories=tuple(draw(st.lists(words, max_size=3))),
        created_at=draw(times),
        updated_at=draw(times),
        expiration=None if expiration is None else parse_moment(expiration.isoformat(), "expiration_date"),
        embedding=embedded(0),
    )


conditions = st.one_of(
    st.builds(f.OwnedBy, st.sampled_from(OwnerType), st.none() | owner_sets),
    st.builds(f.Within, st.sampled_from(f.TimeField), maybe_times, maybe_times),
    st.builds(f.CategoryIn, st.none() | names),
    st.builds(f.CategoryContains, words),
    st.builds(f.MetadataIs, st.sampled_from(KEYS), scalars.map(f.metadata_token)),
    st.builds(f.MetadataPresent, st.sampled_from(KEYS)),
    st.builds(f.MetadataContains, st.sampled_from(KEYS), words),
    st.builds(f.TextContains, words, st.booleans()),
    st.builds(f.IdIn, ids),
    st.builds(f.InState, st.frozensets(st.sampled_from(LifecycleState))),
    st.builds(f.UnexpiredAt, times),
)  # fmt: skip


def _nested(inner: st.SearchStrategy[f.Expression]) -> st.SearchStrategy[f.Expression]:
    parts = st.lists(inner, max_size=3).map(tuple)
    return st.builds(f.All, parts) | st.builds(f.AnyOf, parts) | st.builds(f.Not, inner)


expressions: st.SearchStrategy[f.Expression] = st.recursive(conditions, _nested, max_leaves=8)
stored = st.tuples(*(memories(f"m{number}") for number in range(3)))


@pytest.fixture(params=["sqlite"], scope="module")
def shared(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """One backend for all examples; each example takes a project of its own."""
    openers = {"sqlite": sqlite_stores}
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        yield stack.enter_context(openers[request.param](Path(folder) / "ricordo.db"))


_projects = iter(range(1_000_000))


def written(stores: Stores, drawn: tuple[Memory, ...]) -> tuple[ProjectId, list[Memory]]:
    """Store the drawn memories in a project of their own; return it and what it holds."""
    project_id = ProjectId(f"project {next(_projects)}")
    mine = [replace(memory, project_id=project_id) for memory in drawn]
    stores.memories.insert(mine)
    stores.index.upsert(mine)
    return project_id, list(stores.memories.list(project_id, f.All(), PageRequest(1, 100)).items)


@settings(max_examples=250, deadline=None)
@given(drawn=stored, where=expressions)
def test_the_store_lists_exactly_what_matches(shared: Stores, drawn: tuple[Memory, ...], where: f.Expression) -> None:
    """`list` accepts a memory exactly when `domain.filters.matches` does."""
    project_id, held = written(shared, drawn)

    page = shared.memories.list(project_id, where, PageRequest(1, 100))

    assert page.items == [memory for memory in held if f.matches(where, memory)]
    assert page.total == len(page.items)


@settings(max_examples=150, deadline=None)
@given(drawn=stored, where=expressions)
def test_the_index_nominates_exactly_what_matches(
    shared: Stores, drawn: tuple[Memory, ...], where: f.Expression
) -> None:
    """With room for all, `nominate` names by vector every memory that matches, and by words no other."""
    project_id, held = written(shared, drawn)
    matching = {memory.memory_id for memory in held if f.matches(where, memory)}

    def nominated(**changes: Any) -> set[MemoryId]:
        fields: dict[str, Any] = {"vector": None, "terms": (), "model_id": MODEL, "limit": 10}
        return set(shared.index.nominate(IndexQuery(project_id=project_id, where=where, **(fields | changes))))

    assert nominated(vector=a_vector(0)) == matching
    assert nominated(terms=("tea", "straße", "東京")) <= matching


@settings(max_examples=60, deadline=None)
@given(drawn=stored, owner=owners, at=times)
def test_the_everyday_filter_agrees_too(shared: Stores, drawn: tuple[Memory, ...], owner: str | None, at: Any) -> None:
    """One owner, active, not expired: the shape of nearly every search."""
    where = f.All(
        (
            f.OwnedBy(OwnerType.USER, frozenset([owner or "ana"])),
            f.InState(frozenset({LifecycleState.ACTIVE})),
            f.UnexpiredAt(at),
        )
    )
    project_id, held = written(shared, drawn)
    matching = {memory.memory_id for memory in held if f.matches(where, memory)}

    query = IndexQuery(project_id, where, a_vector(0), MODEL, (), 10)

    assert set(shared.index.nominate(query)) == matching


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
