"""The embedded graph, which changes with the truth it lies beside."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.builders import PROJECT, a_memory, owned_by
from support.clocks import START
from support.stores import Stores, sqlite_stores

from ricordo.domain.graph import Entity, Relation
from ricordo.domain.memory import Memory, bury

ANA, BO = Entity("Ana"), Entity("Bo")
LIVES = Relation("Ana", "lives_in", "Lisbon")


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """The embedded backend, empty."""
    with sqlite_stores(tmp_path / "ricordo.db") as opened:
        yield opened


def says_nothing(stores: Stores, memory: Memory) -> bool:
    """Say whether nothing of a memory is shown."""
    graph = stores.graph
    return not (
        list(graph.mentions(PROJECT, ["ana"], limit=5))
        or list(graph.entities(PROJECT, memory.memory_id))
        or list(graph.neighbourhood(PROJECT, "ana", hops=1, limit=5))
    )


def test_what_the_truth_takes_in_is_shown(stores: Stores) -> None:
    """A memory needs no second call to be in the graph, and a new version replaces it there."""
    memory = a_memory(entities=(ANA,), relations=(LIVES,))
    stores.memories.insert([memory])

    assert list(stores.graph.entities(PROJECT, memory.memory_id)) == [ANA]
    stores.memories.replace(replace(memory, version=2, entities=(BO,), relations=()), expected_version=1)
    assert list(stores.graph.entities(PROJECT, memory.memory_id)) == [BO]


@pytest.mark.parametrize("is_given", [True, False])
@pytest.mark.parametrize("fate", ["deleted", "hidden", "purged"])
def test_what_is_gone_from_the_truth_says_nothing(stores: Stores, fate: str, *, is_given: bool) -> None:
    """Once a memory is deleted, hidden or purged nothing of it is shown, though the graph was given it too."""
    memory = a_memory(entities=(ANA,), relations=(LIVES,))
    stores.memories.insert([memory])
    if is_given:
        stores.graph.upsert([memory])

    if fate == "hidden":
        stores.memories.hide(PROJECT, owned_by())
    else:
        stores.memories.replace(bury(memory, now=START), expected_version=1)
    if fate == "purged":
        stores.memories.purge(PROJECT, older_than=START + timedelta(days=1))

    assert says_nothing(stores, memory)


def test_the_truth_is_not_overtaken(stores: Stores) -> None:
    """A version that the truth has left behind is not shown again, though the graph was never given a later one."""
    memory = a_memory(entities=(ANA,), relations=(LIVES,))
    stores.memories.insert([memory])
    stores.memories.replace(bury(memory, now=START), expected_version=1)

    stores.graph.upsert([memory])

    assert says_nothing(stores, memory)
