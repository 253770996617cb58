"""What every graph store does: show what memories mention and how that is related."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.builders import PROJECT, a_memory, ids_of
from support.clocks import START

from ricordo.domain.graph import Entity, EntityType, Relation
from ricordo.domain.ids import MemoryId
from ricordo.ports.graph_store import GraphStore

ANA, BO, LISBON = Entity("Ana", EntityType.PERSON), Entity("Bo"), Entity("Lisbon", EntityType.PLACE)
LIVES = Relation("Ana", "lives_in", "Lisbon", START, None)
NEAR = Relation("Lisbon", "near", "Sintra")
KNOWS = Relation("Bo", "knows", "Ana")
HAS = Relation("Sintra", "has", "palace")


def test_entities_of_a_memory_are_read_back(graph: GraphStore) -> None:
    """What a memory mentions comes back with name and type, by key."""
    memory = a_memory(entities=(LISBON, ANA))
    graph.upsert([memory])

    assert list(graph.entities(PROJECT, memory.memory_id)) == [ANA, LISBON]
    assert list(graph.entities(PROJECT, MemoryId("unknown"))) == []


def test_an_entity_named_twice_is_as_it_was_named_first(graph: GraphStore) -> None:
    """Two names with one key are one entity."""
    memory = a_memory(entities=(ANA, Entity("ANA", EntityType.TOPIC)))
    graph.upsert([memory])

    assert list(graph.entities(PROJECT, memory.memory_id)) == [ANA]


def test_mentions_come_with_the_most_entities_first(graph: GraphStore) -> None:
    """Memories that mention more of the entities asked for come first, then by id, up to the limit."""
    memories = [
        a_memory(memory_id=MemoryId(memory_id), entities=entities)
        for memory_id, entities in (("c", (ANA,)), ("b", (ANA, LISBON)), ("a", (LISBON, ANA)), ("d", (BO,)))
    ]
    graph.upsert(memories)

    assert list(graph.mentions(PROJECT, ["ana", "lisbon", "rome", "ana"], limit=5)) == ["a", "b", "c"]
    assert list(graph.mentions(PROJECT, ["ana", "lisbon"], limit=1)) == ["a"]
    assert list(graph.mentions(PROJECT, ["lisbon", "bo"], limit=9)) == ["a", "b", "d"]
    assert list(graph.mentions(PROJECT, [], limit=5)) == []


def test_a_relation_is_no_mention(graph: GraphStore) -> None:
    """A memory mentions what it says it mentions, not what its relations end at."""
    memory = a_memory(entities=(BO,), relations=(LIVES,))
    graph.upsert([memory])

    assert list(graph.mentions(PROJECT, ["ana"], limit=5)) == []
    assert list(graph.entities(PROJECT, memory.memory_id)) == [BO]


@pytest.mark.parametrize(("name", "key"), [("LISBON", "lisbon"), ("  New\tYork ", "new york"), ("José", "jose")])
def test_mentions_are_compared_by_key(graph: GraphStore, name: str, key: str) -> None:
    """Case, spacing and accents of a name do not tell entities apart."""
    memory = a_memory(entities=(Entity(name),))
    graph.upsert([memory])

    assert Entity(name).key == key
    assert list(graph.mentions(PROJECT, [key], limit=5)) == [memory.memory_id]


def test_one_hop_is_every_relation_of_the_entity(graph: GraphStore) -> None:
    """Relations are found from either end, with their validity."""
    graph.upsert([a_memory("a", relations=(LIVES, NEAR)), a_memory("b", relations=(KNOWS,))])

    assert set(graph.neighbourhood(PROJECT, "ana", hops=1, limit=5)) == {LIVES, KNOWS}
    assert list(graph.neighbourhood(PROJECT, "rome", hops=1, limit=5)) == []


def test_two_hops_come_after_one(graph: GraphStore) -> None:
    """The second hop is what the first one's ends are related to; nearer relations come first."""
    graph.upsert([a_memory("a", relations=(LIVES, NEAR, KNOWS, HAS))])

    found = list(graph.neighbourhood(PROJECT, "ana", hops=2, limit=5))

    assert set(found[:2]) == {LIVES, KNOWS}
    assert found[2:] == [NEAR]
    assert set(graph.neighbourhood(PROJECT, "ana", hops=2, limit=2)) == {LIVES, KNOWS}


@pytest.mark.parametrize("hops", [1, 2])
def test_a_limit_cuts_the_same_way_each_time(graph: GraphStore, hops: int) -> None:
    """However often it is asked, and however the relations came in, a cut list is the start of the whole one."""
    relations = [Relation("Ana", "met", f"person {number}") for number in range(6)]
    graph.upsert([a_memory(relations=tuple(relations[:3])), a_memory(relations=tuple(relations[:2:-1]))])
    whole = list(graph.neighbourhood(PROJECT, "ana", hops=hops, limit=99))

    assert set(whole) == set(relations)
    for limit in range(1, 7):
        assert list(graph.neighbourhood(PROJECT, "ana", hops=hops, limit=limit)) == whole[:limit]


def test_a_relation_said_twice_is_one(graph: GraphStore) -> None:
    """Two memories may state the same relation; a loop ends."""
    loop = Relation("Ana", "trusts", "Ana")
    graph.upsert([a_memory("a", relations=(LIVES, loop)), a_memory("b", relations=(LIVES,))])

    assert set(graph.neighbourhood(PROJECT, "ana", hops=2, limit=2)) == {LIVES, loop}


def test_the_same_relation_of_another_time_is_another(graph: GraphStore) -> None:
    """Two memories may say that something was so at different times."""
    earlier = replace(LIVES, valid_from=START - timedelta(days=9), valid_to=START - timedelta(days=1))
    graph.upsert([a_memory(relations=(LIVES,)), a_memory(relations=(earlier,))])

    assert set(graph.neighbourhood(PROJECT, "ana", hops=1, limit=5)) == {LIVES, earlier}


def test_of_one_memory_the_first_relation_between_two_counts(graph: GraphStore) -> None:
    """A memory states one relation of a type between the same two."""
    later = replace(LIVES, target="LISBON", valid_from=START + timedelta(days=1))
    graph.upsert([a_memory(relations=(LIVES, later))])

    assert list(graph.neighbourhood(PROJECT, "ana", hops=1, limit=5)) == [LIVES]


SECOND = timedelta(seconds=1)
VALIDITIES: list[tuple[datetime | None, datetime | None, list[bool]]] = [
    (None, None, [True, True, True, True]),
    (START, None, [False, True, True, True]),
    (None, START + SECOND, [True, True, False, False]),
    (START, START + SECOND, [False, True, False, False]),
    (START, START, [False, False, False, False]),
]


@pytest.mark.parametrize(("valid_from", "valid_to", "holds"), VALIDITIES)
def test_as_of_shows_what_held_at_that_instant(
    graph: GraphStore, valid_from: datetime | None, valid_to: datetime | None, holds: list[bool]
) -> None:
    """A validity includes its start and not its end; an end left open includes everything."""
    relation = Relation("Ana", "lives_in", "Lisbon", valid_from, valid_to)
    graph.upsert([a_memory(relations=(relation,))])
    instants = [START - SECOND / 1_000_000, START, START + SECOND, START + 99 * 365 * timedelta(days=1)]

    shown = [bool(graph.neighbourhood(PROJECT, "ana", hops=1, limit=5, as_of=instant)) for instant in instants]

    assert shown == holds
    assert list(graph.neighbourhood(PROJECT, "ana", hops=1, limit=5)) == [relation]


def test_as_of_holds_for_the_second_hop_too(graph: GraphStore) -> None:
    """A relation that had ended leads nowhere and is not led to."""
    ended = replace(NEAR, valid_to=START)
    graph.upsert([a_memory(relations=(LIVES, ended))])

    assert list(graph.neighbourhood(PROJECT, "ana", hops=2, limit=5, as_of=START)) == [LIVES]
    assert list(graph.neighbourhood(PROJECT, "sintra", hops=2, limit=5, as_of=START)) == []


@pytest.mark.parametrize("at", [datetime.min, datetime(1969, 12, 31), datetime.max.replace(microsecond=999_999)])  # noqa: DTZ001, DTZ901
def test_any_time_there_is_can_be_kept(graph: GraphStore, at: datetime) -> None:
    """The first and the last instant of the calendar come back as they are."""
    relation = Relation("Ana", "was_in", "Lisbon", at.replace(tzinfo=START.tzinfo), None)
    graph.upsert([a_memory(relations=(relation,))])

    assert list(graph.neighbourhood(PROJECT, "ana", hops=1, limit=5)) == [relation]


def test_very_many_keys_may_be_asked_for(graph: GraphStore) -> None:
    """Any number of keys, and an entity with very many relations."""
    targets = [Relation("Ana", "met", f"person {number}") for number in range(300)]
    first, second = a_memory(entities=(ANA,), relations=tuple(targets)), a_memory(entities=(ANA, LISBON))
    graph.upsert([first, second])
    keys = [f"key {number}" for number in range(40_000)]

    assert list(graph.mentions(PROJECT, ["lisbon", *keys, "ana"], limit=5)) == ids_of([second, first])
    assert set(graph.neighbourhood(PROJECT, "ana", hops=2, limit=1000)) == set(targets)
