"""What every graph store does with names, ids and projects that look like something else."""

from dataclasses import replace

import pytest
from support.builders import OTHER_PROJECT, PROJECT, a_memory

from ricordo.domain.graph import Entity, EntityType, Relation
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.ports.graph_store import GraphStore

ANA, BO = Entity("Ana"), Entity("Bo")
LIVES, KNOWS = Relation("Ana", "lives_in", "Lisbon"), Relation("Bo", "knows", "Ana")

# Each is a name, a type, an id and a project in turn.
CORPUS = [
    "'", '"', "`", "$", "${1+1}", "\\", "\\'); g.V().drop(); //", "g.V().drop()", "g.V().drop().iterate()",
    "__.drop()", "drop", "T.id", "id", "label", "~id", "project", "version", "stamp", "A::B", "::", "*", "%", "_",
    "within", "P.neq('x')", "neq(x)", "null", "None", "true", "0", "-1", "1e9", "1; DROP TABLE mentions", "' OR '1'='1",
    "x' UNION SELECT 1 --", "a\nb", "a\tb", "a b", "(", ")", "{}", "[]", '{"@type":"g:T","@value":"id"}', "#", "/",
    "../..", "\u202egnol", "ß", "\uff21\uff22\uff23", "日本語", "\N{PILE OF POO}", "e\u0301", "\u200b", " ",
    "x" * 20_000, "\N{PILE OF POO}" * 5_000,
]  # fmt: skip


def short(text: str) -> str:
    """Name a parameter."""
    return ascii(text)[:24]


@pytest.mark.parametrize("name", CORPUS, ids=short)
def test_a_name_is_only_a_name(graph: GraphStore, name: str) -> None:
    """Whatever a name looks like, it is kept, found by its key, related, forgotten, and nothing else happens."""
    bystander = a_memory(entities=(BO,), relations=(KNOWS,))
    said = Relation(name, name, "Ana")
    memory = a_memory(entities=(Entity(name, EntityType.TOPIC),), relations=(said,))
    graph.upsert([bystander, memory])
    key = Entity(name).key

    assert list(graph.entities(PROJECT, memory.memory_id)) == [Entity(name, EntityType.TOPIC)]
    assert list(graph.mentions(PROJECT, [key], limit=9)) == [memory.memory_id]
    assert set(graph.neighbourhood(PROJECT, key, hops=2, limit=9)) == {said, KNOWS}
    graph.forget_entity(PROJECT, key)
    assert list(graph.mentions(PROJECT, [key], limit=9)) == []
    assert list(graph.neighbourhood(PROJECT, "bo", hops=2, limit=9)) == [KNOWS]
    assert list(graph.mentions(PROJECT, ["bo"], limit=9)) == [bystander.memory_id]


@pytest.mark.parametrize("text", CORPUS, ids=short)
def test_an_id_is_only_an_id(graph: GraphStore, text: str) -> None:
    """Whatever the id of a memory or a project looks like, it names that one and no other."""
    bystander = a_memory(entities=(ANA,), relations=(LIVES,))
    mine = replace(bystander, memory_id=MemoryId(text), project_id=ProjectId(text))
    graph.upsert([bystander, mine])

    assert list(graph.mentions(ProjectId(text), ["ana"], limit=9)) == [text]
    assert list(graph.entities(ProjectId(text), MemoryId(text))) == [ANA]
    assert list(graph.neighbourhood(ProjectId(text), "ana", hops=2, limit=9)) == [LIVES]
    graph.forget(ProjectId(text), [MemoryId(text)])
    assert list(graph.mentions(ProjectId(text), ["ana"], limit=9)) == []
    graph.forget_project(ProjectId(text))
    assert list(graph.mentions(PROJECT, ["ana"], limit=9)) == [bystander.memory_id]
    assert list(graph.neighbourhood(PROJECT, "ana", hops=2, limit=9)) == [LIVES]


def test_ids_that_run_together_stay_apart(graph: GraphStore) -> None:
    """Where a project ends and what is in it begins cannot be shifted."""
    memories = [
        a_memory(project_id=ProjectId(project), memory_id=MemoryId(memory_id), entities=(Entity(name),))
        for project, memory_id, name in (("a", "bc", "d e"), ("ab", "c", "e"), ("a b", "c", "d"), ("a", "b c", "de"))
    ]
    graph.upsert(memories)

    for memory in memories:
        (entity,) = memory.entities
        assert list(graph.entities(memory.project_id, memory.memory_id)) == [entity]
        assert list(graph.mentions(memory.project_id, [entity.key], limit=9)) == [memory.memory_id]


def test_projects_never_see_each_other(graph: GraphStore) -> None:
    """With equal ids and names in two projects, every method answers for its own."""
    mine = a_memory(entities=(ANA,), relations=(LIVES,))
    theirs = replace(mine, project_id=OTHER_PROJECT, entities=(ANA, BO), relations=(LIVES, KNOWS))
    graph.upsert([mine, theirs])

    assert list(graph.entities(PROJECT, mine.memory_id)) == [ANA]
    assert list(graph.mentions(PROJECT, ["bo"], limit=5)) == []
    assert list(graph.mentions(PROJECT, ["ana"], limit=5)) == [mine.memory_id]
    assert list(graph.neighbourhood(PROJECT, "ana", hops=2, limit=5)) == [LIVES]
    assert list(graph.neighbourhood(PROJECT, "bo", hops=2, limit=5)) == []


@pytest.mark.parametrize("way", ["memory", "entity", "project", "upsert"])
def test_a_change_in_one_project_changes_no_other(graph: GraphStore, way: str) -> None:
    """With equal ids and names in two projects, what is changed in one stays in the other."""
    mine = a_memory(entities=(ANA,), relations=(LIVES,))
    theirs = replace(mine, project_id=OTHER_PROJECT)
    graph.upsert([mine, theirs])
    changes = {
        "memory": lambda: graph.forget(PROJECT, [mine.memory_id]),
        "entity": lambda: graph.forget_entity(PROJECT, "ana"),
        "project": lambda: graph.forget_project(PROJECT),
        "upsert": lambda: graph.upsert([replace(mine, version=2, entities=(), relations=())]),
    }

    changes[way]()

    assert list(graph.mentions(PROJECT, ["ana"], limit=5)) == []
    assert list(graph.neighbourhood(PROJECT, "ana", hops=2, limit=5)) == []
    assert list(graph.entities(OTHER_PROJECT, mine.memory_id)) == [ANA]
    assert list(graph.mentions(OTHER_PROJECT, ["ana"], limit=5)) == [mine.memory_id]
    assert list(graph.neighbourhood(OTHER_PROJECT, "ana", hops=2, limit=5)) == [LIVES]
