"""Making the projections anew from the truth, in both profiles' terms: mirrors built beside the one that serves."""

from collections.abc import Sequence

import pytest
from support.builders import PROJECT, a_memory, embedded, owned_by
from support.clocks import START
from support.cloud_house import CloudHouse

from ricordo.domain.errors import EmbedderUnavailableError, ProjectionError
from ricordo.domain.graph import Entity
from ricordo.domain.memory import Memory, MemoryPatch, bury, revise
from ricordo.ports.index_builder import BuildId, IndexBuilder
from ricordo.usecases import reindex

STORED = 150  # more than two pages


def ignore(_count: int) -> None:
    """Take no note of progress."""


def truth_of(house: CloudHouse) -> reindex.Truth:
    """Return what a rebuild reads from."""
    return reindex.Truth(house.stores.memories, house.stores.feed, house.embedder)


@pytest.fixture
def stored(cloud_house: CloudHouse) -> list[Memory]:
    """Memories of two kinds: with a vector of the model, and without one."""
    memories = [
        a_memory(f"fact {number}", embedding=embedded(number % 8) if number % 2 else None, entities=(Entity("Ana"),))
        for number in range(STORED)
    ]
    cloud_house.stores.memories.insert(memories)
    return memories


@pytest.mark.usefixtures("stored")
def test_an_index_is_built_anew_from_the_truth(cloud_house: CloudHouse) -> None:
    """All live memories are in it, with vectors for those that had none; progress is told."""
    told: list[int] = []
    assert cloud_house.index.held(PROJECT) == {}

    rebuilt = reindex.rebuild_index(
        [PROJECT],
        truth=truth_of(cloud_house),
        builder=cloud_house.services.index_builder(),
        on_progress=told.append,
    )

    assert (rebuilt.memories, rebuilt.refused, sum(told)) == (STORED, frozenset(), STORED)
    assert len(cloud_house.index.held(PROJECT)) == STORED
    assert {memory.embedding and memory.embedding.model_id for memory in cloud_house.memories()} == {
        cloud_house.embedder.model_id
    }


def test_what_changes_during_a_build_is_in_the_new_index(cloud_house: CloudHouse, stored: list[Memory]) -> None:
    """GIVEN a build under way WHEN memories are updated, deleted and added THEN the index that follows shows it."""
    builder = cloud_house.services.index_builder()

    class Meddling:
        """Changes the truth, as others do, before the last page is written."""

        def __getattr__(self, name: str) -> object:
            return getattr(builder, name)

        def write(self, build: BuildId, memories: Sequence[Memory]) -> None:
            builder.write(build, memories)
            if stored[0] in [one for one in stored[:1] if one.memory_id in {memory.memory_id for memory in memories}]:
                store = cloud_house.stores.memories
                store.replace(revise(stored[0], MemoryPatch(text="changed"), now=START), expected_version=1)
                store.replace(bury(stored[1], now=START), expected_version=1)
                store.insert([a_memory("added meanwhile")])
                cloud_house.project()

    meddling: IndexBuilder = Meddling()  # type: ignore[assignment]  # the rest is the builder's
    reindex.rebuild_index([PROJECT], truth=truth_of(cloud_house), builder=meddling, on_progress=ignore)

    cloud_house.project()
    assert cloud_house.index.held(PROJECT) == {one.memory_id: one.version for one in cloud_house.memories()}


@pytest.mark.usefixtures("stored")
def test_a_build_that_fails_leaves_the_old_index(cloud_house: CloudHouse) -> None:
    """With the model down what serves goes on serving, and a later build succeeds."""
    cloud_house.project()
    before = cloud_house.index.held(PROJECT)
    cloud_house.embedder.is_up = False
    builder = cloud_house.services.index_builder()

    with pytest.raises(EmbedderUnavailableError):
        reindex.rebuild_index([PROJECT], truth=truth_of(cloud_house), builder=builder, on_progress=ignore)

    assert cloud_house.index.held(PROJECT) == before
    cloud_house.embedder.is_up = True
    reindex.rebuild_index([PROJECT], truth=truth_of(cloud_house), builder=builder, on_progress=ignore)
    assert cloud_house.index.held(PROJECT) == before


def test_a_refused_memory_does_not_stop_a_build(cloud_house: CloudHouse, stored: list[Memory]) -> None:
    """It is named; the others are in the index that serves."""
    builder, refused = cloud_house.services.index_builder(), stored[3].memory_id

    class Refusing:
        """Takes all but one."""

        def __getattr__(self, name: str) -> object:
            return getattr(builder, name)

        def write(self, build: BuildId, memories: Sequence[Memory]) -> None:
            builder.write(build, [memory for memory in memories if memory.memory_id != refused])
            if refused in {memory.memory_id for memory in memories}:
                raise ProjectionError("refused", frozenset({refused}))

    refusing: IndexBuilder = Refusing()  # type: ignore[assignment]  # the rest is the builder's
    rebuilt = reindex.rebuild_index([PROJECT], truth=truth_of(cloud_house), builder=refusing, on_progress=ignore)

    assert rebuilt.refused == {refused}
    assert len(cloud_house.index.held(PROJECT)) == STORED - 1


@pytest.mark.usefixtures("stored")
def test_missing_vectors_are_filled(cloud_house: CloudHouse) -> None:
    """Only what lacks one is embedded, in the truth and in the index; a second time there is nothing to do."""
    cloud_house.project()
    fill = {"truth": truth_of(cloud_house), "index": cloud_house.stores.index, "on_progress": ignore}

    assert reindex.fill_vectors([PROJECT], **fill) == STORED // 2
    assert reindex.fill_vectors([PROJECT], **fill) == 0
    assert all(memory.embedding for memory in cloud_house.memories())
    assert {memory.version for memory in cloud_house.memories()} == {1}


@pytest.mark.usefixtures("stored")
def test_a_graph_is_made_anew(cloud_house: CloudHouse) -> None:
    """What a graph has lost is there again, and what is not in the truth is gone."""
    graph = cloud_house.stores.graph
    stranger = a_memory("a stranger", entities=(Entity("Stranger"),))
    graph.upsert([stranger])

    count = reindex.rebuild_graph([PROJECT], memories=cloud_house.stores.memories, graph=graph, on_progress=ignore)

    assert count == STORED
    assert len(graph.mentions(PROJECT, ["ana"], limit=1000)) == STORED
    assert graph.mentions(PROJECT, ["stranger"], limit=10) == []
    assert len(cloud_house.search("fact 7", owned_by()).results) > 0
