"""What every search index does: nominate, name neighbours and speakers, follow the truth."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.builders import (
    PROJECT,
    a_memory,
    a_vector,
    embedded,
    ids_of,
    owned_by,
)
from support.clocks import START
from support.index_queries import ACTIVE, by_vector, by_words, store
from support.stores import Stores

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
from ricordo.domain.memory import LifecycleState
from ricordo.domain.moments import parse_moment
from ricordo.domain.scope import OwnerType, Scope


def test_the_nearest_vectors_come_first_up_to_the_limit(stores: Stores) -> None:
    """Vectors are compared by cosine."""
    near, far, away = (
        a_memory("a", embedding=embedded(0)),
        a_memory("b"),
        a_memory("c", embedding=embedded(1)),
    )
    half = embedded(0)
    half = replace(half, vector=(a_vector(0) + a_vector(1)) / 2)
    store(stores, far, away, replace(far, memory_id=MemoryId("half"), text="d", embedding=half), near)

    assert by_vector(stores) == [near.memory_id, "half", away.memory_id]
    assert by_vector(stores, limit=1) == [near.memory_id]


def test_vectors_of_another_model_are_not_compared(stores: Stores) -> None:
    """A vector is only compared with those of its own model."""
    ours, theirs = a_memory("a", embedding=embedded(0)), a_memory("b", embedding=embedded(0, "model-2"))
    store(stores, ours, theirs)

    assert by_vector(stores) == [ours.memory_id]
    assert by_vector(stores, model_id="model-2") == [theirs.memory_id]


def test_words_find_any_of_them_best_first(stores: Stores) -> None:
    """A memory with more of the words, or rarer ones, comes before one with fewer."""
    both = a_memory("Ana grows tomatoes on her balcony")
    one = a_memory("Ana has a balcony")
    other = a_memory("Ana swims")
    store(stores, one, other, both, *(a_memory(f"filler {number}") for number in range(5)))

    assert by_words(stores, "balcony", "tomatoes") == [both.memory_id, one.memory_id]
    assert by_words(stores, "balcony", "tomatoes", limit=1) == [both.memory_id]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("Ana was running", "run"),
        ("Ana likes Café", "cafe"),
        ("ΑΘΗΝΑ is where Ana lives", "αθηνα"),
        ("Ana's phone is 12345", "12345"),
    ],
)
def test_words_are_found_in_other_forms(stores: Stores, text: str, term: str) -> None:
    """Endings, accents and case do not hide a word."""
    memory = a_memory(text)
    store(stores, memory)

    assert by_words(stores, term) == [memory.memory_id]


@pytest.mark.parametrize("term", ['"', '"a" OR "b', "body:", "NEAR(", "*", "a*", "-a", "\0", "' --", "()", "AND"])
def test_no_term_is_read_as_syntax(stores: Stores, term: str) -> None:
    """Terms are words to look for, whatever they hold."""
    store(stores, a_memory("nothing of the kind"))

    assert by_words(stores, term) == []


def test_nothing_to_look_for_nominates_nothing(stores: Stores) -> None:
    """Without vector and words there is no nomination; an unknown owner has none either."""
    store(stores, a_memory("tea", embedding=embedded(0)))

    assert by_words(stores) == []
    assert by_vector(stores, owned_by("nobody"), terms=("tea",)) == []


def test_what_is_found_twice_is_named_once(stores: Stores) -> None:
    """Vector and words may agree; two owners named may share a memory."""
    shared = a_memory("tea", scope=Scope("ana", "chef"), embedding=embedded(0))
    others = [a_memory(f"tea {n}", scope=Scope("ana"), embedding=embedded(0)) for n in range(3)]
    store(stores, shared, *others)
    where = AnyOf((owned_by(), OwnedBy(OwnerType.AGENT, frozenset(["chef"]))))

    found = by_vector(stores, where, terms=("tea",), limit=3)

    assert len(found) == len(set(found))
    assert len(by_vector(stores, where, limit=3)) == 3
    assert set(by_vector(stores, where)) == {shared.memory_id, *ids_of(others)}


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
def test_nominations_respect_the_filter(stores: Stores, where: Expression) -> None:
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
    store(stores, wanted, nearer, foreign)

    assert by_vector(stores, where) == ["wanted"]
    assert by_words(stores, "tea", where=where, limit=1) == ["wanted"]


@pytest.mark.parametrize("has_metadata", [False, True])
def test_the_limit_counts_what_matches_only(stores: Stores, *, has_metadata: bool) -> None:
    """Expired and superseded memories take nobody's place when the filter hides them."""
    past = parse_moment("2020-01-01", "expiration_date")
    hidden = [
        a_memory(f"tea {n}", embedding=embedded(0), expiration=past if n % 2 else None,
                 state=LifecycleState.ACTIVE if n % 2 else LifecycleState.SUPERSEDED)
        for n in range(6)
    ]  # fmt: skip
    shown = a_memory("tea at four", embedding=embedded(1), metadata={"k": 1})
    store(stores, *hidden, shown)
    extra = (MetadataIs("k", "1"),) if has_metadata else ()
    where = All((owned_by(), ACTIVE, UnexpiredAt(START), *extra))

    assert by_vector(stores, where, limit=1) == [shown.memory_id]
    assert by_words(stores, "tea", where=where, limit=1) == [shown.memory_id]
    assert len(by_vector(stores, owned_by())) == 7


def test_expiry_is_exact(stores: Stores) -> None:
    """A memory is nominated until the instant it expires."""
    memory = a_memory("tea", embedding=embedded(0), expiration=parse_moment("2026-03-09", "expiration_date"))
    store(stores, memory)
    end = START.replace(hour=0) + timedelta(days=1)

    for at, expected in ((end - timedelta(microseconds=1), [memory.memory_id]), (end, [])):
        where = All((owned_by(), ACTIVE, UnexpiredAt(at)))
        assert by_vector(stores, where) == by_words(stores, "tea", where=where) == expected


def test_neighbours_stand_beside_in_the_thread(stores: Stores) -> None:
    """The one before and the one after, per memory, without those asked about and without repeats."""
    thread = [a_memory(f"line {number}") for number in range(6)]
    other = [a_memory(f"other {number}", thread="other") for number in range(2)]
    store(stores, *thread, *other)
    ids = ids_of(thread)

    assert set(stores.index.neighbours(PROJECT, [ids[2]])) == {ids[1], ids[3]}
    beside = stores.index.neighbours(PROJECT, [ids[0], ids[2], ids[3], other[0].memory_id])
    assert sorted(beside) == sorted([ids[1], ids[4], other[1].memory_id])
    assert list(stores.index.neighbours(PROJECT, [])) == []


def test_neighbours_of_very_many(stores: Stores) -> None:
    """Any number of ids may be asked about."""
    thread = [a_memory(f"line {number}") for number in range(3)]
    store(stores, *thread)
    many = [MemoryId(f"unknown {number}") for number in range(40_000)]

    assert list(stores.index.neighbours(PROJECT, [*many, thread[0].memory_id])) == [thread[1].memory_id]


def test_speakers_of_the_owners_named(stores: Stores) -> None:
    """Names of those who speak in any owner named; none for a whole project."""
    store(stores, a_memory("a", speaker="Ana"), a_memory("b", speaker="Zoë"), a_memory("c"))
    store(stores, a_memory("d", scope=Scope("bo"), speaker="Bo"))

    assert stores.index.speakers(PROJECT, All((owned_by("ana"), ACTIVE))) == {"Ana", "Zoë"}
    assert stores.index.speakers(PROJECT, AnyOf((owned_by("ana"), owned_by("bo")))) == {"Ana", "Zoë", "Bo"}
    assert stores.index.speakers(PROJECT, owned_by("nobody")) == frozenset()
    store(stores, a_memory("e", speaker="Cy"))
    assert stores.index.speakers(PROJECT, owned_by("ana")) == {"Ana", "Zoë", "Cy"}
