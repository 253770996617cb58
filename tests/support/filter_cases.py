"""Memories and filters of few values, so that conditions are met; each is one that some layer may read its own way."""

import random
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from support.builders import a_memory, embedded
from support.clocks import START

from ricordo.domain import filters as f
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import LifecycleState, Memory
from ricordo.domain.moments import parse_moment
from ricordo.domain.scope import OwnerType, Scope

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


def some_memories(count: int, seed: int = 7) -> list[Memory]:
    """Make memories of every shape that `memories` draws, the same ones for a seed."""
    draw = random.Random(seed)  # noqa: S311  no secret
    ids = ["m0", "m1", "m2", "M1", *(f"more {number}" for number in range(count))]
    return [_some_memory(draw, MemoryId(memory_id)) for memory_id in ids[:count]]


def _some_memory(draw: random.Random, memory_id: MemoryId) -> Memory:
    expiration = draw.choice([None, *TIMES])
    return a_memory(
        "".join(draw.choices(WORDS, k=draw.randint(1, 3))),
        memory_id=memory_id,
        scope=Scope(*(draw.choice([None, *OWNERS[:-2]]) for _ in OwnerType)),
        state=draw.choice([state for state in LifecycleState if state is not LifecycleState.DELETED]),
        metadata={key: _some_value(draw) for key in draw.sample(KEYS, draw.randint(0, 3))},
        categories=tuple(draw.choices(WORDS, k=draw.randint(0, 3))),
        created_at=draw.choice(TIMES),
        updated_at=draw.choice(TIMES),
        expiration=None if expiration is None else parse_moment(expiration.isoformat(), "expiration_date"),
        embedding=embedded(0),
    )


def _some_value(draw: random.Random) -> object:
    some = draw.choices(SCALARS, k=draw.randint(0, 3))
    return draw.choice([draw.choice(SCALARS), some, [*some, some], dict(zip(WORDS, some, strict=False))])


def can_be_indexed(where: f.Expression) -> bool:
    """Say whether an index can be asked to tell exactly what matches: substrings are none of its matters."""
    match where:
        case f.All(parts) | f.AnyOf(parts):
            return all(can_be_indexed(part) for part in parts)
        case f.Not(part):
            return can_be_indexed(part)
        case _:
            return not isinstance(where, f.CategoryContains | f.MetadataContains | f.TextContains)


NESTED_LEAVES: list[dict[str, Any]] = [
    {"user_id": "ana"},
    {"user_id": {"ne": "ana"}},
    {"metadata": {"a": {"contains": "x"}}},
    {"metadata": {"a": {"ne": "x"}}},
    {"created_at": {"in": ["2020-01-01", "2020-01-02"]}},
    {"expiration_date": {"ne": "2020-01-01"}},
    {"categories": {"contains": "x"}},
    {"keywords": "Lisbon"},
    {},
]


def nested_filter(draw: random.Random, depth: int, conditions: int) -> dict[str, Any]:
    """Build a filter that goes down `depth` levels beside `conditions` shallow ones, in any order."""
    if depth == 0 or conditions < 2:
        return draw.choice(NESTED_LEAVES)
    beside = draw.choice([1, 2, 5, conditions // 2])
    branches = [draw.choice(NESTED_LEAVES) for _ in range(beside)]
    branches.insert(draw.randrange(beside + 1), nested_filter(draw, depth - 1, conditions - beside))
    return {draw.choice(["AND", "OR", "NOT"]): branches}
