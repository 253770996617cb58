"""What the store makes of a server's refusals."""

from typing import Any

import pytest
from gremlin_python.process.traversal import Bytecode
from support.builders import PROJECT, a_memory

from ricordo.adapters.neptune.elements import memory_vertex
from ricordo.adapters.neptune.errors import TraversalRefusedError
from ricordo.adapters.neptune.graph_store import NeptuneGraphStore
from ricordo.domain.errors import ProjectionError, UnavailableError
from ricordo.domain.graph import Entity
from ricordo.domain.memory import Memory


class PickyClient:
    """Refuses every traversal that touches certain memories; of the others it shows nothing yet."""

    def __init__(self, refused: list[Memory], code: str) -> None:
        self.said: set[str] = set()
        self._refused = [memory_vertex(memory.project_id, memory.memory_id) for memory in refused]
        self._code = code

    def run(self, traversal: Any, *, deadline: float) -> list[Any]:
        assert deadline > 0
        steps = traversal.bytecode.step_instructions
        text = repr(steps)
        if any(vertex in text for vertex in self._refused):
            raise TraversalRefusedError(self._code)
        if "mergeE" in text:
            self.said |= {step[1] for step in steps if step[0] == "V"}
        is_standing = any(step[0] == "project" for step in steps)
        return [{"memory": vertex, "mentions": [], "states": []} for vertex in vertices_in(traversal.bytecode)] * (
            is_standing
        )

    def close(self) -> None:
        """Hold nothing."""


def vertices_in(bytecode: Bytecode) -> list[str]:
    """Return the vertices a traversal begins with."""
    return list(bytecode.step_instructions[0][1:])


@pytest.mark.parametrize("at", [[0], [3], [1, 2, 6]])
def test_what_is_refused_for_good_is_named_and_the_rest_is_written(at: list[int]) -> None:
    """One memory a server will never take does not keep out those it came with."""
    memories = [a_memory(entities=(Entity("Ana"),)) for _ in range(7)]
    refused = [memories[place] for place in at]
    client = PickyClient(refused, "InvalidParameterException")

    with pytest.raises(ProjectionError) as caught:
        NeptuneGraphStore(client).upsert(memories)  # type: ignore[arg-type]

    assert caught.value.memory_ids == {memory.memory_id for memory in refused}
    written = {memory_vertex(PROJECT, memory.memory_id) for memory in memories if memory not in refused}
    assert client.said == written


@pytest.mark.parametrize("code", ["ThrottlingException", "500"])
def test_what_is_refused_for_now_is_unavailable(code: str) -> None:
    """A server that has too much to do, or does not say what is wrong, says nothing about a memory."""
    memories = [a_memory() for _ in range(3)]
    client = PickyClient(memories[:1], code)

    with pytest.raises(UnavailableError):
        NeptuneGraphStore(client).upsert(memories)  # type: ignore[arg-type]


def test_a_refused_read_is_unavailable() -> None:
    """Whatever a server has against a traversal, a search goes on without it."""
    memory = a_memory()
    client = PickyClient([memory], "MalformedQueryException")

    with pytest.raises(UnavailableError):
        NeptuneGraphStore(client).entities(PROJECT, memory.memory_id)  # type: ignore[arg-type]
