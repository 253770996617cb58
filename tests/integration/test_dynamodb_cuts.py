"""How long what `delete_all` has hidden is remembered, and that nothing slips through."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.builders import ANA, PROJECT, a_memory, owned_by
from support.clocks import START
from support.dynamodb_bench import Bench, faults_in
from support.event_steps import accepted, claimed

from ricordo.adapters.dynamodb import cuts
from ricordo.adapters.dynamodb.cuts import CutRows
from ricordo.domain.errors import StoreBusyError
from ricordo.domain.event import EventStatus
from ricordo.domain.filters import All, OwnedBy
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import Owner, OwnerType, Scope
from ricordo.ports.memory_store import Refused, Stored

LATER = START + timedelta(hours=1)
CHEF = OwnedBy(OwnerType.AGENT, frozenset(["chef"]))


def open_cuts(bench: Bench) -> list[int]:
    """Return the numbers of the cuts that still hide something."""
    return [cut.number for cut in CutRows(bench.table).of(PROJECT).open]


def sweep(bench: Bench, now: datetime) -> int:
    """Remove what is hidden."""
    return bench.stores.memories.remove_hidden(PROJECT, limit=100, now=now)


def total(bench: Bench) -> int:
    """Count what readers see."""
    return bench.stores.memories.list(PROJECT, All(), PageRequest()).total


def test_a_cut_is_closed_when_nothing_can_come_any_more(bench: Bench) -> None:
    """It is looked under twice, five minutes apart, for what was being stored when it was made."""
    bench.stores.memories.insert([a_memory("tea")])
    bench.stores.memories.hide(PROJECT, owned_by())

    assert (sweep(bench, LATER), open_cuts(bench)) == (1, [1])
    assert (sweep(bench, LATER + timedelta(minutes=4)), open_cuts(bench)) == (0, [1])
    assert (sweep(bench, LATER + timedelta(minutes=5)), open_cuts(bench)) == (0, [])
    assert bench.stores.memories.hide(PROJECT, owned_by()) == 0
    assert open_cuts(bench) == [2]


def test_what_was_on_its_way_is_found_the_second_time(bench: Bench) -> None:
    """An import that read the cuts before, and is stored after the first look, is hidden and removed."""

    def delete_all() -> None:
        bench.stores.memories.hide(PROJECT, owned_by())
        sweep(bench, LATER)

    bench.interrupted("transact_write_items", delete_all).memories.insert([a_memory("late")])

    assert total(bench) == 0
    assert (sweep(bench, LATER + timedelta(minutes=5)), open_cuts(bench)) == (1, [1])
    assert (sweep(bench, LATER + timedelta(minutes=5)), open_cuts(bench)) == (0, [])
    assert faults_in(bench.rows()) == []


@pytest.mark.parametrize("end", ["finished", "handed back"])
def test_a_cut_outlives_the_adds_accepted_before_it(bench: Bench, end: str) -> None:
    """As long as one of them may store memories it is refused; adds accepted since do not keep the cut."""
    before = accepted(bench.stores)
    bench.stores.memories.hide(PROJECT, owned_by())
    accepted(bench.stores)
    sweep(bench, LATER)
    lease = claimed(bench.stores, before).lease

    assert (sweep(bench, LATER + timedelta(days=1)), open_cuts(bench)) == (0, [1])
    assert list(bench.stores.memories.insert([a_memory()], lease=lease)) == [Refused("deleted_meanwhile")]

    ended = EventStatus.SUCCEEDED if end == "finished" else EventStatus.PENDING
    bench.stores.events.finish(lease, replace(before, status=ended))
    sweep(bench, LATER + timedelta(days=1))
    assert open_cuts(bench) == ([] if end == "finished" else [1])


def test_a_cut_of_another_project_is_not_kept_by_this_one_s_adds(bench: Bench) -> None:
    """Projects whose names begin alike are told apart."""
    accepted(bench.stores, project_id=f"{PROJECT}-2")
    accepted(bench.stores, project_id=PROJECT[:-1])
    bench.stores.memories.hide(PROJECT, owned_by())
    sweep(bench, LATER)
    sweep(bench, LATER + timedelta(hours=1))

    assert open_cuts(bench) == []


def test_memories_stored_after_a_cut_stay(bench: Bench) -> None:
    """No sweep touches what was accepted since, nor what has other owners."""
    bench.stores.memories.insert([a_memory("old", scope=Scope("ana", "chef")), a_memory("other", scope=Scope("bo"))])
    bench.stores.memories.hide(PROJECT, All((owned_by(), CHEF)))
    assert isinstance(bench.stores.memories.insert([a_memory("old", scope=Scope("ana", "chef"))])[0], Stored)

    assert [sweep(bench, LATER + timedelta(hours=hour)) for hour in range(3)] == [1, 0, 0]

    assert total(bench) == 2
    assert faults_in(bench.rows()) == []


def test_many_cuts_are_swept_in_bounded_steps(bench: Bench) -> None:
    """A step buries no more than it may, over all cuts, and goes on where the last one ended."""
    users = [f"user {number}" for number in range(6)]
    bench.stores.memories.insert([a_memory(f"text {n}", scope=Scope(user)) for n in range(4) for user in users])
    for user in users:
        assert bench.stores.memories.hide(PROJECT, owned_by(user)) == 4

    removed = [bench.stores.memories.remove_hidden(PROJECT, limit=9, now=LATER) for _ in range(4)]

    assert removed == [9, 9, 6, 0]
    sweep(bench, LATER + timedelta(minutes=5))
    assert open_cuts(bench) == []


def test_hiding_again_counts_what_was_not_hidden_yet(bench: Bench) -> None:
    """Overlapping cuts count each memory once."""
    scopes = [Scope("ana"), Scope("ana", "chef"), Scope("bo", "chef"), Scope(run_id="r")]
    bench.stores.memories.insert([a_memory(f"text {n}", scope=scope) for n, scope in enumerate(scopes)])

    patterns = (CHEF, owned_by(), All((owned_by(), CHEF)), All())
    assert [bench.stores.memories.hide(PROJECT, where) for where in patterns] == [2, 1, 0, 1]
    assert sweep(bench, LATER) == 4


def test_speakers_go_with_the_owner_s_memories(bench: Bench) -> None:
    """Who speaks is forgotten when all of an owner's memories are deleted, and not when some are."""
    stores = bench.stores
    ana, chef = Owner(OwnerType.USER, "ana"), Owner(OwnerType.AGENT, "chef")
    stores.owners.touch(PROJECT, Scope("ana", "chef"), at=START, speakers=frozenset(["Ana"]))

    stores.memories.hide(PROJECT, All((owned_by(), CHEF)))
    assert stores.owners.speakers(PROJECT, [ana]) == {"Ana"}
    stores.memories.hide(PROJECT, owned_by())
    assert stores.owners.speakers(PROJECT, list(ANA.owners())) == frozenset()
    assert stores.owners.speakers(PROJECT, [chef]) == {"Ana"}
    stores.memories.hide(PROJECT, owned_by("nobody"))


def test_more_deletions_than_can_be_remembered_are_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is hidden then, and the caller may try again when some have been carried out."""
    monkeypatch.setattr(cuts, "MAX_OPEN", 3)
    bench.stores.memories.insert([a_memory("tea")])
    for number in range(3):
        bench.stores.memories.hide(PROJECT, owned_by(f"user {number}"))
    with pytest.raises(StoreBusyError):
        bench.stores.memories.hide(PROJECT, owned_by())
    assert total(bench) == 1

    for now in (LATER, LATER + timedelta(minutes=5)):
        sweep(bench, now)
    assert bench.stores.memories.hide(PROJECT, owned_by()) == 1
    monkeypatch.setattr(cuts, "_MAX_CHARS", 600)
    with pytest.raises(StoreBusyError):
        bench.stores.memories.hide(PROJECT, owned_by("x" * 600))


def test_cuts_made_at_the_same_time_are_all_kept(bench: Bench) -> None:
    """One that comes between reading and writing the row is not lost."""

    def another() -> None:
        bench.stores.memories.hide(PROJECT, owned_by("bo"))

    bench.interrupted("put_item", another).memories.hide(PROJECT, owned_by())

    assert [cut.owners for cut in CutRows(bench.table).of(PROJECT).open] == [
        {OwnerType.USER: "bo"},
        {OwnerType.USER: "ana"},
    ]
