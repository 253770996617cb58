"""What every search index does: nominate, and name neighbours."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from support.builders import (
    DIMENSIONS,
    MODEL,
    PROJECT,
    a_memory,
    a_vector,
    embedded,
    ids_of,
    owned_by,
)
from support.clocks import START
from support.index_bench import IndexBench
from support.index_queries import ACTIVE, by_vector, by_words

from ricordo.domain.filters import (
    All,
    AnyOf,
    CategoryIn,
    Expression,
    IdIn,
    MetadataIs,
    Not,
    OwnedBy,
    UnexpiredAt,
)
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import Embedding, LifecycleState
from ricordo.domain.moments import parse_moment
from ricordo.domain.scope import OwnerType, Scope


def test_the_nearest_vectors_come_first_up_to_the_limit(index_bench: IndexBench) -> None:
    """Vectors are compared by cosine."""
    near, far, away = (
        a_memory("a", embedding=embedded(0)),
        a_memory("b"),
        a_memory("c", embedding=embedded(1)),
    )
    half = embedded(0)
    half = replace(half, vector=(a_vector(0) + a_vector(1)) / 2)
    index_bench.store(far, away, replace(far, memory_id=MemoryId("half"), text="d", embedding=half), near)

    assert by_vector(index_bench) == [near.memory_id, "half", away.memory_id]
    assert by_vector(index_bench, limit=1) == [near.memory_id]


def test_vectors_of_another_model_are_not_compared(index_bench: IndexBench) -> None:
    """A vector is only compared with those of its own model; words find either."""
    ours, theirs = a_memory("tea", embedding=embedded(0)), a_memory("tea too", embedding=embedded(0, "model-2"))
    bare = a_memory("tea at four")
    index_bench.store(ours, theirs, bare)

    assert by_vector(index_bench) == [ours.memory_id]
    assert ours.memory_id not in by_vector(index_bench, model_id="model-2")
    assert set(by_words(index_bench, "tea")) == {ours.memory_id, theirs.memory_id, bare.memory_id}


def test_a_vector_of_zeros_is_no_fault(index_bench: IndexBench) -> None:
    """A memory whose vector points nowhere is found by its words."""
    nowhere = a_memory("tea", embedding=Embedding(MODEL, np.zeros(DIMENSIONS, np.float32)))
    index_bench.store(nowhere)

    assert by_words(index_bench, "tea") == [nowhere.memory_id]


def test_words_find_any_of_them_best_first(index_bench: IndexBench) -> None:
    """A memory with more of the words, or rarer ones, comes before one with fewer."""
    both = a_memory("Ana grows tomatoes on her balcony")
    one = a_memory("Ana has a balcony")
    other = a_memory("Ana swims")
    index_bench.store(one, other, both, *(a_memory(f"filler {number}") for number in range(5)))

    assert by_words(index_bench, "balcony", "tomatoes") == [both.memory_id, one.memory_id]
    assert by_words(index_bench, "balcony", "tomatoes", limit=1) == [both.memory_id]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Ana was running", "run"),
        ("Ana likes Café", "cafe"),
        ("ΑΘΗΝΑ is where Ana lives", "αθηνα"),
        ("Ana's phone is 12345", "12345"),
    ],
)
def test_words_are_found_in_other_forms(index_bench: IndexBench, text: str, term: str) -> None:
    """Endings, accents and case do not hide a word."""
    memory = a_memory(text)
    index_bench.store(memory)

    assert by_words(index_bench, term) == [memory.memory_id]


@pytest.mark.parametrize("term", ['"', '"a" OR "b', "body:", "NEAR(", "*", "a*", "-a", "\0", "' --", "()", "AND"])
def test_no_term_is_read_as_syntax(index_bench: IndexBench, term: str) -> None:
    """Terms are words to look for, whatever they hold."""
    index_bench.store(a_memory("nothing of the kind"))

    assert by_words(index_bench, term) == []


def test_nothing_to_look_for_nominates_nothing(index_bench: IndexBench) -> None:
    """Without vector and words there is no nomination; an unknown owner has none either."""
    index_bench.store(a_memory("tea", embedding=embedded(0)))

    assert by_words(index_bench) == []
    assert by_vector(index_bench, owned_by("nobody"), terms=("tea",)) == []


def test_what_is_found_twice_is_named_once(index_bench: IndexBench) -> None:
    """Vector and words may agree; two owners named may share a memory."""
    shared = a_memory("tea", scope=Scope("ana", "chef"), embedding=embedded(0))
    others = [a_memory(f"tea {n}", scope=Scope("ana"), embedding=embedded(0)) for n in range(3)]
    index_bench.store(shared, *others)
    where = AnyOf((owned_by(), OwnedBy(OwnerType.AGENT, frozenset(["chef"]))))

    found = by_vector(index_bench, where, terms=("tea",), limit=3)

    assert len(found) == len(set(found))
    assert len(by_vector(index_bench, where, limit=3)) == 3
    assert set(by_vector(index_bench, where)) == {shared.memory_id, *ids_of(others)}


@pytest.mark.parametrize(
    "where",
    [
        All((owned_by(), MetadataIs("kind", "s:drink"))),
        All((owned_by(), CategoryIn(frozenset(["drinks"])))),
        All((owned_by(), IdIn(frozenset(["wanted"])))),
        All((owned_by(), Not(OwnedBy(OwnerType.AGENT, None)))),
        All((OwnedBy(OwnerType.USER, None), Not(OwnedBy(OwnerType.AGENT, None)), owned_by())),
    ],
)
def test_nominations_respect_the_filter(index_bench: IndexBench, where: Expression) -> None:
    """Only what the filter accepts is named, by vector and by words, even if others are nearer."""
    wanted = a_memory(
        "tea it is",
        memory_id=MemoryId("wanted"),
        metadata={"kind": "drink"},
        categories=("drinks",),
        embedding=embedded(1),
    )
    nearer = a_memory("tea", scope=Scope("ana", "chef"), embedding=embedded(0))
    foreign = a_memory(
        "tea", scope=Scope("bo"), metadata={"kind": "drink"}, categories=("drinks",), embedding=embedded(0)
    )
    index_bench.store(wanted, nearer, foreign)

    assert by_vector(index_bench, where) == ["wanted"]
    assert by_words(index_bench, "tea", where=where, limit=1) == ["wanted"]


@pytest.mark.parametrize("has_metadata", [False, True])
def test_the_limit_counts_what_matches_only(index_bench: IndexBench, *, has_metadata: bool) -> None:
    """Expired and superseded memories take nobody's place when the filter hides them."""
    past = parse_moment("2020-01-01", "expiration_date")
    hidden = [
        a_memory(f"tea {n}", embedding=embedded(0), expiration=past if n % 2 else None,
                 state=LifecycleState.ACTIVE if n % 2 else LifecycleState.SUPERSEDED)
        for n in range(6)
    ]  # fmt: skip
    shown = a_memory("tea at four", embedding=embedded(1), metadata={"k": 1})
    index_bench.store(*hidden, shown)
    extra = (MetadataIs("k", "1"),) if has_metadata else ()
    where = All((owned_by(), ACTIVE, UnexpiredAt(START), *extra))

    assert by_vector(index_bench, where, limit=1) == [shown.memory_id]
    assert by_words(index_bench, "tea", where=where, limit=1) == [shown.memory_id]
    assert len(by_vector(index_bench, owned_by())) == 7


def test_expiry_is_exact(index_bench: IndexBench) -> None:
    """A memory is nominated until the instant it expires."""
    memory = a_memory("tea", embedding=embedded(0), expiration=parse_moment("2026-03-09", "expiration_date"))
    index_bench.store(memory)
    end = START.replace(hour=0) + timedelta(days=1)

    for at, expected in ((end - timedelta(microseconds=1), [memory.memory_id]), (end, [])):
        where = All((owned_by(), ACTIVE, UnexpiredAt(at)))
        assert by_vector(index_bench, where) == by_words(index_bench, "tea", where=where) == expected


def test_neighbours_stand_beside_in_the_thread(index_bench: IndexBench) -> None:
    """The one before and the one after, per memory, without those asked about and without repeats."""
    thread = index_bench.store(*(a_memory(f"line {number}") for number in range(6)))
    other = index_bench.store(*(a_memory(f"other {number}", thread="other") for number in range(2)))
    ids = ids_of(thread)

    assert set(index_bench.index.neighbours(PROJECT, [thread[2]])) == {ids[1], ids[3]}
    beside = index_bench.index.neighbours(PROJECT, [thread[0], thread[2], thread[3], other[0]])
    assert sorted(beside) == sorted([ids[1], ids[4], other[1].memory_id])
    assert list(index_bench.index.neighbours(PROJECT, [])) == []


def test_neighbours_of_what_the_index_does_not_hold(index_bench: IndexBench) -> None:
    """A memory that is not indexed has neighbours by its place all the same."""
    before, *_, after = index_bench.store(*(a_memory(f"line {number}") for number in range(3)))
    unknown = a_memory("not yet indexed", sequence=2)

    assert set(index_bench.index.neighbours(PROJECT, [unknown])) >= {before.memory_id, after.memory_id}


def test_neighbours_of_very_many(index_bench: IndexBench) -> None:
    """As many memories may be asked about as the largest search nominates."""
    thread = index_bench.store(*(a_memory(f"line {number}") for number in range(3)))
    elsewhere = [replace(thread[0], memory_id=MemoryId(f"m{n}"), thread=f"t{n % 7}", sequence=n) for n in range(4_000)]

    assert list(index_bench.index.neighbours(PROJECT, [*elsewhere, thread[0]])) == [thread[1].memory_id]
