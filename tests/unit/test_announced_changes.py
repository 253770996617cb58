"""What records of the stream mean to the outside, and how it is told."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.builders import ANA, PROJECT, a_memory, embedded
from support.clocks import START

from ricordo.adapters.builtin.announcements import KeptAnnouncements
from ricordo.adapters.builtin.dead_letters import KeptDeadLetters
from ricordo.adapters.dynamodb.attributes import to_item
from ricordo.adapters.dynamodb.memory_rows import current_row, vectors_of
from ricordo.domain.announcement import Announcement
from ricordo.domain.errors import UnavailableError
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import LifecycleState, Memory, MemoryPatch, bury, revise
from ricordo.domain.moments import parse_moment
from ricordo.runtime.projecting import project_batch

LATER = START + timedelta(hours=1)
MEMORY = a_memory("Ana moved to Lisbon.", memory_id=MemoryId("m1"))
REVISED = revise(MEMORY, MemoryPatch(text="Ana moved to Porto."), now=LATER)
EXPIRING = replace(MEMORY, expiration=parse_moment("2026-03-10", "expiration_date"))
SUPERSEDED = replace(MEMORY, version=2, state=LifecycleState.SUPERSEDED, updated_at=LATER)
TOMBSTONE = bury(MEMORY, now=LATER)


def image(memory: Memory) -> dict[str, Any]:
    """Return the row of a memory as a record shows it."""
    return as_told(to_item(current_row(memory, cuts_seen=0, retention_days=0, vectors=vectors_of(memory))))


def as_told(value: Any) -> Any:
    """Spell bytes as Lambda does."""
    if isinstance(value, dict):
        return {name: as_told(part) for name, part in value.items()}
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def a_record(before: Memory | None, after: Memory | None, number: int = 1) -> dict[str, Any]:
    """Build the record of a change."""
    images = {name: image(memory) for name, memory in (("OldImage", before), ("NewImage", after)) if memory}
    return {"eventID": f"e{number}", "dynamodb": {"SequenceNumber": str(number), **images}}


def project(*records: dict[str, Any], announcements: Any, letters: KeptDeadLetters | None = None) -> list[str]:
    """Hand a batch over; return which records come again."""
    answer = project_batch(
        records, lambda _project, _changed: None, dead_letters=letters or KeptDeadLetters(), announcements=announcements
    )
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def announced(before: Memory | None, after: Memory | None) -> list[Announcement]:
    """Return what a change is announced as."""
    told = KeptAnnouncements()
    assert project(a_record(before, after), announcements=told) == []
    return list(told.kept)


class Refusing:
    """A bus that takes nothing."""

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def announce(self, _announcements: Sequence[Announcement]) -> None:
        raise self._fault


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, MEMORY, ("MemoryAdded", 1, START)),
        (MEMORY, REVISED, ("MemoryUpdated", 2, LATER)),
        (SUPERSEDED, replace(SUPERSEDED, version=3), ("MemoryUpdated", 3, LATER)),
        (MEMORY, SUPERSEDED, ("MemorySuperseded", 2, LATER)),
        (MEMORY, TOMBSTONE, ("MemoryDeleted", 2, LATER)),
        (EXPIRING, None, ("MemoryExpired", 1, parse_moment("2026-03-11", "").start)),
        (MEMORY, None, ("MemoryDeleted", 1, START)),
    ],
    ids=["insert", "update", "update-of-superseded", "superseded", "deleted", "expired", "erased"],
)
def test_a_change_is_announced_once(before: Memory | None, after: Memory | None, told: tuple[Any, ...]) -> None:
    """By its kind, the version it led to and its time, with ids and owners."""
    (one,) = announced(before, after)

    assert (one.type.value, one.version) == told[:2]
    assert abs(one.at - told[2]) < timedelta(minutes=1)
    assert (one.project_id, one.memory_id, one.event_id, one.scope) == (PROJECT, "m1", MEMORY.source.event_id, ANA)


@pytest.mark.parametrize(
    ("before", "after"),
    [(MEMORY, replace(MEMORY, embedding=embedded(0))), (TOMBSTONE, None), (None, TOMBSTONE)],
    ids=["vector-filled", "tombstone-removed", "tombstone-restored"],
)
def test_what_changes_no_memory_is_not_announced(before: Memory | None, after: Memory | None) -> None:
    """A vector filled in, and tombstones that come or go, mean nothing to the outside."""
    assert announced(before, after) == []


def test_the_same_change_has_the_same_id_however_often_it_is_told() -> None:
    """Who listens can tell repetitions; every other change has another id."""
    changes = [(None, MEMORY), (MEMORY, REVISED), (MEMORY, TOMBSTONE), (EXPIRING, None)]
    ids = [announced(*change)[0].announcement_id for change in changes]

    assert ids == [announced(*change)[0].announcement_id for change in changes]
    assert len(set(ids)) == len(changes)


def test_with_the_bus_down_what_would_be_told_comes_again() -> None:
    """Nothing is set aside; a record that means nothing need not come."""
    letters = KeptDeadLetters()
    records = [a_record(None, MEMORY, 1), a_record(TOMBSTONE, None, 2)]

    assert project(*records, announcements=Refusing(UnavailableError("down")), letters=letters) == ["1"]
    assert letters.letters == []


def test_what_the_bus_refuses_is_set_aside_by_its_ids() -> None:
    """It holds up nobody."""
    letters = KeptDeadLetters()

    assert project(a_record(None, MEMORY), announcements=Refusing(KeyError("no")), letters=letters) == []
    assert letters.letters == [{"reason": "unannounced", "project_id": PROJECT, "memory_id": "m1", "version": "1"}]


def test_what_is_projected_again_is_not_announced_before() -> None:
    """A record whose projection is down is announced when it is projected."""
    told = KeptAnnouncements()

    def project_one(_project: object, _changed: object) -> None:
        raise UnavailableError("down")

    project_batch([a_record(None, MEMORY)], project_one, dead_letters=KeptDeadLetters(), announcements=told)

    assert not told.kept
