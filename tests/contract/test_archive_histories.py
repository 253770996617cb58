"""What every archive does with histories, threads and many memories at once."""

from dataclasses import replace

import pytest
from support.builders import PROJECT, a_memory
from support.histories import with_history
from support.shelves import Shelf


@pytest.mark.parametrize("count", [2, 61, 150])
def test_long_histories_are_restored_whole(shelves: tuple[Shelf, Shelf], count: int) -> None:
    """However many versions a memory has had, all of them come back, and the next one follows them."""
    one, two = shelves
    archived = with_history(a_memory("Ana sings."), count)
    assert one.archive.restore([archived, with_history(a_memory("Ana hums."), 3)]) == [True, True]
    dumped = one.dumped()
    assert two.archive.restore(dumped) == [True, True]
    assert two.dumped() == dumped
    assert dumped[0].versions == archived.versions
    two.update(archived.memory, "Ana sang.")
    assert [version.version for version in two.dumped()[0].versions] == list(range(1, count + 2))


def test_a_history_with_gaps_keeps_what_each_change_says(shelf: Shelf) -> None:
    """An archive may hold only some of the versions; what the others said is not made up."""
    whole = with_history(a_memory("Ana sings."), 9)
    some = replace(whole, versions=tuple(whole.versions[number] for number in (1, 2, 5, 8)))
    shelf.archive.restore([some])
    assert shelf.dumped() == [replace(some, memory=shelf.dumped()[0].memory)]
    assert tuple(shelf.stores.memories.versions(PROJECT, whole.memory.memory_id)) == some.versions


def test_places_in_threads_are_kept_and_passed_by(shelves: tuple[Shelf, Shelf]) -> None:
    """Restored memories keep their places, and later ones of the thread come after them."""
    one, two = shelves
    one.insert(*(a_memory(f"fact {number}") for number in range(5)))
    dumped = one.dumped()
    two.archive.restore(dumped[2:])
    assert [archived.memory.sequence for archived in two.dumped()] == [3, 4, 5]
    (later,) = two.insert(a_memory("said later"))
    assert later.sequence == 6


def test_many_memories_are_restored_at_once(shelves: tuple[Shelf, Shelf]) -> None:
    """A restore of more than fits into one transaction of any store restores all, in their order."""
    one, two = shelves
    one.insert(*(a_memory(f"fact {number}") for number in range(150)))
    dumped = one.dumped()
    assert two.archive.restore([*dumped, dumped[7]]) == [True] * 150 + [False]
    assert two.dumped() == dumped
