"""What leaves for the graph: every traversal keeps to its project, carries values as values, and is bounded."""

from collections.abc import Callable, Iterator
from enum import Enum
from itertools import chain, repeat
from typing import Any

import pytest
from gremlin_python.process.traversal import Bytecode, P
from support.builders import PROJECT, a_memory
from support.clocks import START
from support.gremlin_conditions import conditions, unconditional, without_conditions

from ricordo.adapters.neptune.elements import Link, entity_vertex, memory_vertex
from ricordo.adapters.neptune.graph_store import NeptuneGraphStore
from ricordo.adapters.neptune.projection_listing import NeptuneListing
from ricordo.adapters.neptune.traversals import g, reach
from ricordo.domain.graph import Entity, Relation
from ricordo.domain.ids import MemoryId

MEMORY = a_memory(entities=(Entity("Ana"), Entity("Bo")), relations=(Relation("Ana", "knows", "Bo", START),))
VERTEX = memory_vertex(PROJECT, MEMORY.memory_id)
ANA, ROME = entity_vertex(PROJECT, "ana"), entity_vertex(PROJECT, "rome")
SHOWN = {"memory": VERTEX, "mentions": [ANA, ROME], "states": [Link("e", "relation", ANA, ROME).spelled]}
SAID = {"source": "Ana", "type": "knows", "target": "Bo", "valid_from": 1, "valid_to": 2}

Call = Callable[[NeptuneGraphStore], object]
CALLS: dict[str, tuple[Call, list[list[Any]]]] = {
    "upsert": (lambda graph: graph.upsert([MEMORY]), [[VERTEX], [SHOWN], [], []]),
    "mentions": (lambda graph: graph.mentions(PROJECT, ["ana", "bo"], limit=5), [[{"m": 1}]]),
    "entities": (lambda graph: graph.entities(PROJECT, MEMORY.memory_id), [[{"name": "Ana", "type": "person"}]]),
    "neighbourhood": (
        lambda graph: graph.neighbourhood(PROJECT, "ana", hops=2, limit=5, as_of=START),
        [[SAID], [SAID]],
    ),
    "forget": (lambda graph: graph.forget(PROJECT, [MEMORY.memory_id]), [[VERTEX], [SHOWN], [], []]),
    "forget what is not there": (
        lambda graph: graph.forget(PROJECT, [MEMORY.memory_id]),
        [[], [], [], [{"edge": "e", "out": ANA, "in": ROME}], [], []],
    ),
    "forget_entity": (
        lambda graph: graph.forget_entity(PROJECT, "ana"),
        [[{"edge": "e", "out": VERTEX, "in": ANA}], [], [], []],
    ),
    "shown": (
        lambda graph: NeptuneListing(graph.client).shown(PROJECT, [MEMORY.memory_id]),
        [[{"memory": VERTEX, "version": 1, "mentions": 2}], [{MEMORY.memory_id: 1}]],
    ),
    "listed": (
        lambda graph: NeptuneListing(graph.client).listed(PROJECT, after="", limit=9),
        [[{"memory": MEMORY.memory_id, "version": 1, "mentions": 2}], [{MEMORY.memory_id: 1}], ["stray"]],
    ),
    "forget_project": (lambda graph: graph.forget_project(PROJECT), [["e"], [], [], ["v"], [], []]),
}


class ScriptedClient:
    """Answers each traversal as the script says, then nothing, and keeps them."""

    def __init__(self, script: list[list[Any]]) -> None:
        self.sent: list[Bytecode] = []
        self._script = chain(script, repeat([]))

    def run(self, traversal: Any, *, deadline: float) -> list[Any]:
        assert deadline > 0
        self.sent.append(traversal.bytecode)
        return next(self._script)

    def close(self) -> None:
        """Hold nothing."""


def sent_by(call: Call, script: list[list[Any]]) -> list[Bytecode]:
    """Return all that a method sends."""
    client = ScriptedClient(script)
    call(NeptuneGraphStore(client))  # type: ignore[arg-type]
    return client.sent


def values_in(argument: Any) -> Iterator[object]:
    """Yield every value in a traversal that is not made of others."""
    if isinstance(argument, Bytecode):
        argument = [step[1:] for step in argument.step_instructions]
    elif isinstance(argument, P):
        argument = [argument.value, argument.other]
    elif isinstance(argument, dict):
        argument = [*argument, *argument.values()]
    if isinstance(argument, list):
        for one in argument:
            yield from values_in(one)
    else:
        yield argument


def steps_in(bytecode: Bytecode) -> list[list[Any]]:
    """Return the steps of a traversal with those inside them."""
    own: list[list[Any]] = bytecode.step_instructions
    inner = [child for step in own for child in step[1:] if isinstance(child, Bytecode)]
    return [*own, *(step for child in inner for step in steps_in(child))]


@pytest.mark.parametrize("method", CALLS)
def test_every_traversal_keeps_to_its_project(method: str) -> None:
    """Whatever it reaches or merges must bear the project's mark, and no other project is named."""
    call, script = CALLS[method]
    sent = sent_by(call, script)

    assert len(sent) == len(script)
    for bytecode in sent:
        assert unconditional(bytecode) == []
        assert set(conditions(bytecode)) == {PROJECT}


@pytest.mark.parametrize("method", CALLS)
def test_a_traversal_without_the_condition_is_noticed(method: str) -> None:
    """The check above fails for each traversal from which the condition is taken out."""
    call, script = CALLS[method]
    for bytecode in sent_by(call, script):
        assert unconditional(without_conditions(bytecode))
        assert not set(conditions(without_conditions(bytecode)))


@pytest.mark.parametrize("method", CALLS)
def test_a_traversal_carries_values_and_nothing_to_run(method: str) -> None:
    """Strings, numbers and the words of the language: no script, no function, no cardinality left to the server."""
    call, script = CALLS[method]
    for bytecode in sent_by(call, script):
        assert bytecode.bindings == {}
        assert bytecode.source_instructions == []
        for value in values_in(bytecode):
            assert value is None or isinstance(value, str | int | Enum), value
        for step in steps_in(bytecode):
            assert step[0] != "property" or str(step[1]).startswith("Cardinality."), step


@pytest.mark.parametrize("count", [1, 60, 1000])
def test_a_change_is_cut_to_what_a_server_takes(count: int) -> None:
    """Neptune advises some 200 labels and properties, and refuses more than 1,500 steps, in one request."""
    names = [f"person {number}" for number in range(count)]
    wordy = a_memory(
        entities=tuple(map(Entity, names)), relations=tuple(Relation("Ana", "met", name) for name in names)
    )
    vertex = memory_vertex(PROJECT, wordy.memory_id)
    shown = {"memory": vertex, "mentions": [entity_vertex(PROJECT, f"other {name}") for name in names], "states": []}
    others = [a_memory(entities=(Entity("Ana"),)) for _ in range(count)]
    sent = [
        *sent_by(lambda graph: graph.upsert([wordy]), [[vertex], [shown]]),
        *sent_by(lambda graph: graph.upsert(others), []),
        *sent_by(lambda graph: graph.forget(PROJECT, [other.memory_id for other in others]), []),
    ]

    assert len(sent) > 2 * count // 25
    for bytecode in sent:
        steps = steps_in(bytecode)
        assert len(steps) <= 750
        assert sum(step[0] in {"mergeV", "mergeE"} for step in steps) <= 100


def test_no_vertices_are_not_all_vertices() -> None:
    """Gremlin takes a step without ids for all there are; we never do."""
    with pytest.raises(ValueError, match="no vertices"):
        reach(g, PROJECT, [])


def test_nothing_asked_sends_nothing() -> None:
    """Without keys, memories or ids there is nothing to send."""
    assert sent_by(lambda graph: graph.mentions(PROJECT, [], limit=5), []) == []
    assert sent_by(lambda graph: graph.upsert([]), []) == []
    assert sent_by(lambda graph: graph.forget(PROJECT, []), []) == []


def test_names_of_elements_tell_projects_kinds_and_parts_apart() -> None:
    """No two things share an id."""
    names = {
        memory_vertex(PROJECT, MemoryId("ana")),
        entity_vertex(PROJECT, "ana"),
        entity_vertex(PROJECT, "an a"),
        memory_vertex(PROJECT, MemoryId("a")),
        *(Link.mention(one, two).edge_id for one, two in (("a", "b"), ("b", "a"), ("ab", ""), ("", "ab"))),
    }
    assert len(names) == 8
    assert all(len(name) == 32 for name in names)
