"""What every graph store does."""

from dataclasses import replace

import pytest
from support.builders import OTHER_PROJECT, PROJECT, a_memory, ids_of, owned_by
from support.clocks import START
from support.stores import Stores

from ricordo.domain.graph import Entity, EntityType, Relation
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import Memory, bury

ANA, BO, LISBON = Entity("Ana", EntityType.PERSON), Entity("Bo"), Entity("Lisbon", EntityType.PLACE)
LIVES = Relation("Ana", "lives_in", "Lisbon", START, None)
NEAR = Relation("Lisbon", "near", "Sintra")
KNOWS = Relation("Bo", "knows", "Ana")


def store(stores: Stores, *memories: Memory) -> None:
    """Write memories to the truth and to the graph."""
    stores.memories.insert(memories)
    for memory in memories:
        stores.graph.upsert(memory)


def test_entities_of_a_memory_are_read_back(stores: Stores) -> None:
    """What a memory mentions comes back with name and type."""
    memory = a_memory(entities=(LISBON, ANA))
    store(stores, memory)

    assert set(stores.graph.entities(PROJECT, memory.memory_id)) == {ANA, LISBON}
    assert list(stores.graph.entities(PROJECT, MemoryId("unknown"))) == []


def test_mentions_come_with_the_most_entities_first(stores: Stores) -> None:
    """Memories that mention more of the entities asked for come first, up to the limit."""
    one, two, none = (
        a_memory("a", entities=(ANA,)),
        a_memory("b", entities=(ANA, LISBON)),
        a_memory("c", entities=(BO,)),
    )
    store(stores, one, two, none)

    assert list(stores.graph.mentions(PROJECT, ["ana", "lisbon", "rome"], limit=5)) == ids_of([two, one])
    assert list(stores.graph.mentions(PROJECT, ["ana", "lisbon"], limit=1)) == [two.memory_id]
    assert list(stores.graph.mentions(PROJECT, [], limit=5)) == []


@pytest.mark.parametrize(("name", "key"), [("LISBON", "lisbon"), ("  New\tYork ", "new york"), ("José", "jose")])
def test_mentions_are_compared_by_key(stores: Stores, name: str, key: str) -> None:
    """Case, spacing and accents of a name do not tell entities apart."""
    memory = a_memory(entities=(Entity(name),))
    store(stores, memory)

    assert Entity(name).key == key
    assert list(stores.graph.mentions(PROJECT, [key], limit=5)) == [memory.memory_id]


def test_an_upsert_replaces_what_the_memory_said(stores: Stores) -> None:
    """The graph shows a memory's entities and relations of now, and no others of it."""
    memory = a_memory(entities=(ANA, LISBON), relations=(LIVES,))
    store(stores, memory)

    stores.graph.upsert(replace(memory, entities=(BO,), relations=()))
    stores.graph.upsert(replace(memory, entities=(BO,), relations=()))

    assert list(stores.graph.entities(PROJECT, memory.memory_id)) == [BO]
    assert list(stores.graph.neighbourhood(PROJECT, "ana", hops=2, limit=5)) == []


def test_one_hop_is_every_relation_of_the_entity(stores: Stores) -> None:
    """Relations are found from either end, with their validity."""
    store(stores, a_memory("a", relations=(LIVES, NEAR)), a_memory("b", relations=(KNOWS,)))

    assert set(stores.graph.neighbourhood(PROJECT, "ana", hops=1, limit=5)) == {LIVES, KNOWS}


def test_two_hops_come_after_one(stores: Stores) -> None:
    """The second hop is what the first one's ends are related to; nearer relations come first."""
    store(stores, a_memory("a", relations=(LIVES, NEAR, KNOWS, Relation("Sintra", "has", "palace"))))

    found = list(stores.graph.neighbourhood(PROJECT, "ana", hops=2, limit=5))

    assert set(found[:2]) == {LIVES, KNOWS}
    assert found[2:] == [NEAR]
    assert len(stores.graph.neighbourhood(PROJECT, "ana", hops=2, limit=2)) == 2


def test_a_relation_said_twice_is_one(stores: Stores) -> None:
    """Two memories may state the same relation; a loop ends."""
    loop = Relation("Ana", "trusts", "Ana")
    store(stores, a_memory("a", relations=(LIVES, loop)), a_memory("b", relations=(LIVES,)))

    assert sorted(stores.graph.neighbourhood(PROJECT, "ana", hops=2, limit=2), key=lambda r: r.type) == [
        LIVES,
        loop,
    ]


def test_forget_keeps_what_another_memory_says(stores: Stores) -> None:
    """Only what the forgotten memories alone said is gone; unknown ids are no error."""
    first, second = (
        a_memory("a", entities=(ANA,), relations=(LIVES, NEAR)),
        a_memory("b", entities=(ANA,), relations=(LIVES,)),
    )
    store(stores, first, second)

    stores.graph.forget(PROJECT, [first.memory_id, MemoryId("unknown")])

    assert list(stores.graph.mentions(PROJECT, ["ana"], limit=5)) == [second.memory_id]
    assert list(stores.graph.neighbourhood(PROJECT, "lisbon", hops=2, limit=5)) == [LIVES]


@pytest.mark.parametrize("fate", ["deleted", "hidden"])
def test_what_is_gone_from_the_truth_says_nothing(stores: Stores, fate: str) -> None:
    """Once a memory is deleted or hidden and the graph was told, nothing of it is shown."""
    memory = a_memory(entities=(ANA,), relations=(LIVES,))
    store(stores, memory)
    if fate == "deleted":
        stores.memories.replace(bury(memory, now=START), expected_version=1)
        stores.graph.forget(PROJECT, [memory.memory_id])
    else:
        stores.memories.hide(PROJECT, owned_by())

    assert list(stores.graph.mentions(PROJECT, ["ana"], limit=5)) == []
    assert list(stores.graph.entities(PROJECT, memory.memory_id)) == []
    assert list(stores.graph.neighbourhood(PROJECT, "ana", hops=1, limit=5)) == []


def test_very_many_keys_may_be_asked_for(stores: Stores) -> None:
    """Any number of keys, and an entity with very many relations."""
    targets = [Relation("Ana", "met", f"person {number}") for number in range(300)]
    memory = a_memory(entities=(ANA,), relations=tuple(targets))
    store(stores, memory)
    keys = [f"key {number}" for number in range(40_000)]

    assert list(stores.graph.mentions(PROJECT, [*keys, "ana"], limit=5)) == [memory.memory_id]
    assert len(stores.graph.neighbourhood(PROJECT, "ana", hops=2, limit=1000)) == 300


def test_projects_never_see_each_other(stores: Stores) -> None:
    """With equal ids and names in two projects, every method answers for its own."""
    mine = a_memory(entities=(ANA,), relations=(LIVES,))
    theirs = replace(mine, project_id=OTHER_PROJECT, entities=(ANA, BO), relations=(KNOWS,))
    store(stores, mine, theirs)

    assert list(stores.graph.entities(PROJECT, mine.memory_id)) == [ANA]
    assert list(stores.graph.mentions(PROJECT, ["bo"], limit=5)) == []
    assert list(stores.graph.neighbourhood(PROJECT, "ana", hops=2, limit=5)) == [LIVES]
    stores.graph.forget(PROJECT, [mine.memory_id])
    assert list(stores.graph.neighbourhood(OTHER_PROJECT, "ana", hops=2, limit=5)) == [KNOWS]
