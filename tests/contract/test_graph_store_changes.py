"""What every graph store does: follow what memories say, and forget it."""

from dataclasses import replace

import pytest
from support.builders import OTHER_PROJECT, PROJECT, a_memory
from support.clocks import START

from ricordo.domain.graph import Entity, Relation
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import Memory, bury
from ricordo.ports.graph_store import GraphStore

ANA, BO, LISBON = Entity("Ana"), Entity("Bo"), Entity("Lisbon")
LIVES = Relation("Ana", "lives_in", "Lisbon", START, None)
NEAR = Relation("Lisbon", "near", "Sintra")
KNOWS = Relation("Bo", "knows", "Ana")


def shown(graph: GraphStore, memory: Memory) -> tuple[list[Entity], set[Relation]]:
    """Return what the graph shows of a memory, and around Ana and Lisbon."""
    around = [graph.neighbourhood(memory.project_id, key, hops=2, limit=99) for key in ("ana", "lisbon")]
    return list(graph.entities(memory.project_id, memory.memory_id)), {one for found in around for one in found}


def test_an_upsert_replaces_what_the_memory_said(graph: GraphStore) -> None:
    """The graph shows a memory's entities and relations of now, and no others of it."""
    memory = a_memory(entities=(ANA, LISBON), relations=(LIVES, NEAR))
    graph.upsert([memory])

    graph.upsert([replace(memory, version=2, entities=(BO, LISBON), relations=(KNOWS,))])

    assert shown(graph, memory) == ([BO, LISBON], {KNOWS})
    assert list(graph.mentions(PROJECT, ["ana"], limit=5)) == []
    assert list(graph.mentions(PROJECT, ["bo"], limit=5)) == [memory.memory_id]


def test_what_is_said_in_other_words_is_shown_in_those(graph: GraphStore) -> None:
    """A new version may name the same entities and relations differently, and give them another validity."""
    memory = a_memory(entities=(ANA,), relations=(LIVES,))
    graph.upsert([memory])
    said = replace(LIVES, source="ANA", valid_from=None, valid_to=START)

    graph.upsert([replace(memory, version=2, entities=(Entity("ANA"),), relations=(said,))])

    assert shown(graph, memory) == ([Entity("ANA")], {said})


def test_repeating_an_upsert_changes_nothing(graph: GraphStore) -> None:
    """Once or three times, alone or among others: the graph is the same."""
    memory = a_memory(entities=(ANA, LISBON), relations=(LIVES, NEAR))
    graph.upsert([memory])
    once = shown(graph, memory)

    graph.upsert([memory, memory])
    graph.upsert([a_memory(), memory])

    assert shown(graph, memory) == once == ([ANA, LISBON], {LIVES, NEAR})


def test_an_older_version_is_left_out(graph: GraphStore) -> None:
    """What comes late for a version that has been overtaken changes nothing, and does not stop what it comes with."""
    old, new = a_memory(entities=(ANA,), relations=(LIVES,)), a_memory(entities=(ANA,))
    current = replace(old, version=3, entities=(BO,), relations=())
    graph.upsert([current])

    graph.upsert([replace(old, version=2), new])

    assert shown(graph, old) == ([BO], set())
    assert list(graph.mentions(PROJECT, ["ana"], limit=5)) == [new.memory_id]


def test_of_versions_given_together_the_latest_counts(graph: GraphStore) -> None:
    """The order within one call does not matter."""
    memory = a_memory(entities=(ANA,))
    graph.upsert([replace(memory, version=2, entities=(BO,)), memory])

    assert shown(graph, memory) == ([BO], set())


def test_the_same_version_may_be_corrected(graph: GraphStore) -> None:
    """Equal versions replace each other: the truth may learn what a memory mentions without a new version."""
    memory = a_memory(entities=(ANA,), relations=(LIVES,))
    graph.upsert([memory])
    graph.upsert([replace(memory, entities=(BO,), relations=())])

    assert shown(graph, memory) == ([BO], set())


def test_a_tombstone_keeps_earlier_versions_out_until_it_is_forgotten(graph: GraphStore) -> None:
    """A buried memory shows nothing, and nothing of before it comes back."""
    memory = a_memory(entities=(ANA,), relations=(LIVES,))
    graph.upsert([memory])

    graph.upsert([bury(memory, now=START)])
    graph.upsert([memory])

    assert shown(graph, memory) == ([], set())
    assert list(graph.mentions(PROJECT, ["ana"], limit=5)) == []
    graph.forget(PROJECT, [memory.memory_id])
    graph.upsert([memory])
    assert shown(graph, memory) == ([ANA], {LIVES})


def test_memories_of_several_projects_come_together(graph: GraphStore) -> None:
    """One call may carry what belongs to different tenants; each gets its own."""
    mine, theirs = a_memory(entities=(ANA,)), a_memory(entities=(BO,), project_id=OTHER_PROJECT)
    graph.upsert([mine, theirs])
    graph.upsert([])

    assert shown(graph, mine) == ([ANA], set())
    assert shown(graph, theirs) == ([BO], set())
    assert list(graph.mentions(PROJECT, ["ana", "bo"], limit=5)) == [mine.memory_id]


def test_many_memories_come_together(graph: GraphStore) -> None:
    """Whatever a graph takes at once, more than that arrives whole, and goes whole."""
    memories = [
        a_memory(entities=(ANA, Entity(f"person {number}")), relations=(Relation("Ana", "met", f"person {number}"),))
        for number in range(120)
    ]
    graph.upsert(memories)

    assert set(graph.mentions(PROJECT, ["ana"], limit=999)) == {memory.memory_id for memory in memories}
    assert len(graph.neighbourhood(PROJECT, "ana", hops=1, limit=999)) == 120
    graph.forget(PROJECT, [memory.memory_id for memory in memories[1:]])
    assert list(graph.mentions(PROJECT, ["ana"], limit=999)) == [memories[0].memory_id]
    assert list(graph.neighbourhood(PROJECT, "ana", hops=1, limit=999)) == list(memories[0].relations)


def test_forget_keeps_what_another_memory_says(graph: GraphStore) -> None:
    """What two memories say stays until the last of them is forgotten; unknown ids are no error."""
    first, second = (
        a_memory("a", entities=(ANA,), relations=(LIVES, NEAR)),
        a_memory("b", entities=(ANA,), relations=(LIVES,)),
    )
    graph.upsert([first, second])

    graph.forget(PROJECT, [first.memory_id, MemoryId("unknown")])

    assert list(graph.mentions(PROJECT, ["ana"], limit=5)) == [second.memory_id]
    assert shown(graph, first) == ([], {LIVES})
    graph.forget(PROJECT, [second.memory_id, second.memory_id])
    assert list(graph.mentions(PROJECT, ["ana"], limit=5)) == []
    assert shown(graph, second) == ([], set())
    graph.forget(PROJECT, [])


def test_a_forgotten_entity_is_gone_from_every_memory(graph: GraphStore) -> None:
    """No mention and no relation of it is left; the rest of what those memories say is."""
    first = a_memory(entities=(ANA, LISBON), relations=(LIVES, NEAR))
    second = a_memory(entities=(Entity("ANA"),), relations=(KNOWS, Relation("Ana", "trusts", "Ana")))
    graph.upsert([first, second])

    graph.forget_entity(PROJECT, "ana")
    graph.forget_entity(PROJECT, "unknown")

    assert list(graph.mentions(PROJECT, ["ana"], limit=5)) == []
    assert shown(graph, first) == ([LISBON], {NEAR})
    assert shown(graph, second) == ([], {NEAR})
    assert list(graph.neighbourhood(PROJECT, "bo", hops=2, limit=5)) == []


def test_a_forgotten_entity_comes_back_with_who_names_it(graph: GraphStore) -> None:
    """Forgetting an entity says nothing about what memories will say."""
    memory = a_memory(entities=(ANA,), relations=(LIVES,))
    graph.upsert([memory])
    graph.forget_entity(PROJECT, "ana")

    graph.upsert([memory])

    assert shown(graph, memory) == ([ANA], {LIVES})
    graph.forget(PROJECT, [memory.memory_id])
    assert shown(graph, memory) == ([], set())


def test_an_entity_of_very_many_can_be_forgotten(graph: GraphStore) -> None:
    """The number of its mentions and relations does not matter."""
    memory = a_memory(relations=tuple(Relation("Ana", "met", f"person {number}") for number in range(600)))
    other = a_memory(entities=(ANA, BO))
    graph.upsert([memory, other])

    graph.forget_entity(PROJECT, "ana")

    assert list(graph.neighbourhood(PROJECT, "person 7", hops=2, limit=5)) == []
    assert shown(graph, other) == ([BO], set())


def test_a_forgotten_project_leaves_the_others(graph: GraphStore) -> None:
    """All of it goes, versions too, and nothing else."""
    mine = a_memory(entities=(ANA,), relations=(LIVES,), version=2)
    theirs = replace(mine, project_id=OTHER_PROJECT)
    graph.upsert([mine, theirs])

    graph.forget_project(PROJECT)
    graph.forget_project(PROJECT)

    assert shown(graph, mine) == ([], set())
    assert shown(graph, theirs) == ([ANA], {LIVES})
    graph.upsert([replace(mine, version=1)])
    assert shown(graph, mine) == ([ANA], {LIVES})


@pytest.mark.parametrize("limit", [1, 3])
def test_what_was_forgotten_takes_no_place_in_a_limit(graph: GraphStore, limit: int) -> None:
    """A limit counts what is there."""
    memories = [a_memory(entities=(ANA,), relations=(Relation("Ana", "met", f"b{number}"),)) for number in range(6)]
    graph.upsert(memories)

    graph.forget(PROJECT, [memory.memory_id for memory in memories[:3]])

    assert len(graph.mentions(PROJECT, ["ana"], limit=limit)) == limit
    assert len(graph.neighbourhood(PROJECT, "ana", hops=1, limit=limit)) == limit
