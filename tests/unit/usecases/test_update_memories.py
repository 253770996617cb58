"""Updating one memory or several, alone and against others."""

from collections.abc import Mapping, Sequence

import pytest
from support.builders import PROJECT
from support.house import House

from ricordo.domain.errors import ImmutableMemoryError, MemoryNotFoundError, VersionConflictError
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory, MemoryPatch
from ricordo.usecases.update_memories import update_batch, update_memory


class RacingStore:
    """Lets other writers in between each read and the next write, `times` times."""

    def __init__(self, house: House, times: int) -> None:
        self._house = house
        self._left = times

    def get(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Mapping[MemoryId, Memory]:
        found = self._house.stores.memories.get(project_id, memory_ids)
        if self._left:
            self._left -= 1
            update(self._house, memory_ids[0], MemoryPatch(metadata={"raced": self._left}))
        return found

    def replace(self, memory: Memory, *, expected_version: int) -> None:
        self._house.stores.memories.replace(memory, expected_version=expected_version)


def update(house: House, memory_id: MemoryId, patch: MemoryPatch, **options: object) -> Memory:
    """Update one memory."""
    memories = options.pop("memories", house.stores.memories)
    return update_memory(
        memory_id,
        patch,
        project_id=PROJECT,
        memories=memories,  # type: ignore[arg-type]
        embedder=house.embedder,
        clock=house.clock,
        **options,  # type: ignore[arg-type]
    )


@pytest.fixture
def memory(house: House) -> Memory:
    """A stored memory."""
    house.add("I like tea.", event_id="e1", infer=False)
    return house.memories()[0]


def test_a_new_text_gets_a_new_vector(house: House, memory: Memory) -> None:
    """The answer is what is stored: the next version, changed now, with the vector of its text."""
    house.clock.advance(60)

    updated = update(house, memory.memory_id, MemoryPatch(text="I like coffee."))

    assert (updated.version, updated.text, updated.updated_at) == (2, "I like coffee.", house.clock.now())
    assert updated.embedding is not None
    assert updated.embedding != memory.embedding
    assert house.texts() == ["I like coffee."]


def test_other_changes_keep_the_vector(house: House, memory: Memory) -> None:
    """Metadata alone costs no embedding, and the embedder may be down."""
    house.embedder.is_up = False

    updated = update(house, memory.memory_id, MemoryPatch(metadata={"k": 1}))

    assert (updated.metadata, updated.embedding) == ({"k": 1}, memory.embedding)


def test_without_the_embedder_a_new_text_goes_without_a_vector(house: House, memory: Memory) -> None:
    """The old text's vector never stands for the new text."""
    house.embedder.is_up = False

    assert update(house, memory.memory_id, MemoryPatch(text="I like coffee.")).embedding is None


def test_an_update_that_met_others_is_made_again(house: House, memory: Memory) -> None:
    """Without an expected version no update is lost, neither this one nor the ones it met."""
    updated = update(house, memory.memory_id, MemoryPatch(text="new"), memories=RacingStore(house, 3))

    assert (updated.version, updated.text, updated.metadata) == (5, "new", {"raced": 0})


def test_an_update_of_an_expected_version_is_refused_when_it_met_another(house: House, memory: Memory) -> None:
    """With an expected version the caller decides, before and after the read."""
    with pytest.raises(VersionConflictError):
        update(house, memory.memory_id, MemoryPatch(text="a"), expected_version=2)
    with pytest.raises(VersionConflictError):
        update(house, memory.memory_id, MemoryPatch(text="a"), expected_version=1, memories=RacingStore(house, 1))
    assert update(house, memory.memory_id, MemoryPatch(text="a"), expected_version=2).version == 3


def test_an_endless_race_ends(house: House, memory: Memory) -> None:
    """After ten tries the conflict is the caller's."""
    with pytest.raises(VersionConflictError):
        update(house, memory.memory_id, MemoryPatch(text="a"), memories=RacingStore(house, 99))


def test_what_is_not_there_or_immutable_is_not_updated(house: House) -> None:
    """Unknown ids and immutable memories are refused."""
    house.add("I like tea.", event_id="e1", infer=False, immutable=True)

    with pytest.raises(ImmutableMemoryError):
        update(house, house.memories()[0].memory_id, MemoryPatch(text="a"))
    with pytest.raises(MemoryNotFoundError):
        update(house, MemoryId("unknown"), MemoryPatch(text="a"))


def test_a_batch_changes_all_or_nothing(house: House) -> None:
    """One unknown or immutable memory keeps all others as they are, and is named."""
    house.add("one", "two", event_id="e1", infer=False)
    house.clock.advance(1)
    house.add("fixed", event_id="e2", infer=False, immutable=True)
    one, two, fixed = (memory.memory_id for memory in house.memories())

    def batch(*memory_ids: MemoryId) -> int:
        return update_batch(
            {memory_id: MemoryPatch(text=f"new {place}") for place, memory_id in enumerate(memory_ids)},
            project_id=PROJECT,
            memories=house.stores.memories,
            embedder=house.embedder,
            clock=house.clock,
        )

    with pytest.raises(MemoryNotFoundError, match="unknown"):
        batch(one, MemoryId("unknown"))
    with pytest.raises(ImmutableMemoryError):
        batch(one, fixed)
    assert house.texts() == ["one", "two", "fixed"]
    assert batch(one, two) == 2
    assert house.texts() == ["new 0", "new 1", "fixed"]
    assert batch() == 0
