"""What every memory store does: pages, hiding, removing for good, and tenants."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.builders import (
    OTHER_PROJECT,
    PROJECT,
    a_memory,
    an_episode,
    an_event,
    ids_of,
    owned_by,
)
from support.clocks import START
from support.stores import Stores

from ricordo.domain.event import Lease
from ricordo.domain.filters import All, Expression, InState, MetadataPresent, OwnedBy, UnexpiredAt
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.memory import LifecycleState
from ricordo.domain.moments import parse_moment
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import OwnerType, Scope
from ricordo.ports.memory_store import Refused, Stored

EVERYTHING = PageRequest(1, 100)
LATER = START + timedelta(hours=1)
MUCH_LATER = START + timedelta(days=400)
OF_ANY_USER = OwnedBy(OwnerType.USER, None)


def accepted(stores: Stores, project_id: ProjectId = PROJECT, **changes: object) -> EventId:
    """Accept an add."""
    event = an_event(project_id=project_id, **changes)
    stores.events.accept(event, an_episode(event))
    return event.event_id


def leased(stores: Stores, event_id: EventId, project_id: ProjectId = PROJECT) -> Lease:
    """Claim an accepted event."""
    work = stores.events.claim(now=START, lease_s=60, named=(project_id, event_id))
    assert work is not None
    return work.lease


def texts(stores: Stores, project_id: ProjectId = PROJECT) -> list[str]:
    """Return the texts of a project's live memories, newest first."""
    return [memory.text for memory in stores.memories.list(project_id, All(), EVERYTHING).items]


def test_pages_are_ordered_exact_and_complete(stores: Stores) -> None:
    """Pages hold the newest accepted first, whatever the order of insertion, and know the exact total."""
    memories = [a_memory(f"text {number}", accepted_at=START + timedelta(seconds=number)) for number in range(7)]
    stores.memories.insert(memories[::2] + memories[1::2])

    pages = [stores.memories.list(PROJECT, owned_by(), PageRequest(number, 3)) for number in (1, 2, 3, 4)]

    assert [m for page in pages for m in ids_of(page.items)] == ids_of(memories)[::-1]
    assert [len(page.items) for page in pages] == [3, 3, 1, 0]
    assert {page.total for page in pages} == {7}
    assert [page.has_next for page in pages] == [True, True, False, False]
    assert [page.has_previous for page in pages] == [False, True, True, True]


@pytest.mark.parametrize("where", [owned_by(), All(), MetadataPresent("k")], ids=["owner", "all", "metadata"])
def test_pages_go_on_from_a_place(stores: Stores, where: Expression) -> None:
    """From where a page ended the next follows, with the total of the first, whatever was stored since."""
    memories = [a_memory(f"text {number}", metadata={"k": number}) for number in range(8)]
    stores.memories.insert(memories)
    shown, page = [], PageRequest(1, 3)
    while (listed := stores.memories.list(PROJECT, where, page)).items:
        shown += ids_of(listed.items)
        assert (listed.total, listed.is_total_exact) == (8, True)
        page = PageRequest(page.number + 1, 3, listed.end)
        stores.memories.insert([a_memory(f"new {page.number}", accepted_at=LATER, metadata={"k": 0})])

    assert shown == ids_of(memories)[::-1]


def test_equal_times_are_listed_in_the_order_of_storing(stores: Stores) -> None:
    """Memories accepted at one instant keep an order over pages: the one stored last comes first."""
    memories = [a_memory(f"text {number}", accepted_at=START) for number in range(5)]
    stores.memories.insert(memories)

    listed = [stores.memories.list(PROJECT, All(), PageRequest(n, 1)).items[0] for n in range(1, 6)]

    assert ids_of(listed) == ids_of(memories)[::-1]


def test_backdating_moves_nothing(stores: Stores) -> None:
    """`created_at` does not order a list."""
    first = a_memory("told first")
    stores.memories.insert([first, a_memory("told later", created_at=START - timedelta(days=900))])

    assert texts(stores) == ["told later", "told first"]


def test_a_list_hides_expired_and_superseded_only_when_told(stores: Stores) -> None:
    """The store returns what is expired or superseded; `UnexpiredAt` and `InState` leave it out."""
    expired = a_memory("expired", expiration=parse_moment("2020-01-01", "expiration_date"))
    superseded = a_memory("superseded", state=LifecycleState.SUPERSEDED)
    stores.memories.insert([expired, superseded, a_memory("live")])
    only_active = InState(frozenset({LifecycleState.ACTIVE}))

    shown = stores.memories.list(PROJECT, All((UnexpiredAt(START), only_active)), EVERYTHING)

    assert [memory.text for memory in shown.items] == ["live"]
    assert texts(stores) == ["live", "superseded", "expired"]


def test_hide_hides_at_once_and_counts(stores: Stores) -> None:
    """Hidden memories are gone for every read; others stay; a second time there is nothing to hide."""
    hidden = [a_memory("a"), a_memory("b", scope=Scope("ana", "chef"))]
    stores.memories.insert([*hidden, a_memory("c", scope=Scope("bo"))])

    assert stores.memories.hide(PROJECT, owned_by("ana")) == 2
    assert stores.memories.hide(PROJECT, owned_by("ana")) == 0

    assert texts(stores) == ["c"]
    assert stores.memories.get(PROJECT, ids_of(hidden)) == {}


@pytest.mark.parametrize(
    ("where", "left"),
    [
        (All((owned_by(), OwnedBy(OwnerType.AGENT, frozenset(["chef"])))), {"bo", "ana"}),
        (OF_ANY_USER, set()),
        (All((owned_by(), OwnedBy(OwnerType.AGENT, None))), {"bo", "ana"}),
        (OwnedBy(OwnerType.RUN, None), {"bo", "ana", "ana+chef"}),
        (All(), set()),
    ],
)
def test_hide_takes_conjunctions_and_wildcards(stores: Stores, where: All | OwnedBy, left: set[str]) -> None:
    """Only what has every owner named is hidden; the wildcard is any owner, no owners is everything."""
    scopes = {"bo": Scope("bo"), "ana": Scope("ana"), "ana+chef": Scope("ana", "chef")}
    stores.memories.insert([a_memory(text, scope=scope) for text, scope in scopes.items()])

    assert stores.memories.hide(PROJECT, where) == len(scopes) - len(left)
    assert set(texts(stores)) == left


def test_hide_takes_nothing_but_owners(stores: Stores) -> None:
    """A condition on anything else is a fault of the program."""
    with pytest.raises(TypeError):
        stores.memories.hide(PROJECT, UnexpiredAt(START))


def test_hide_cuts_off_adds_accepted_before(stores: Stores) -> None:
    """An add accepted before the cut is not stored after it; one accepted after it is."""
    # GIVEN one add accepted before and one after the owner's memories were hidden
    before = leased(stores, accepted(stores))
    stores.memories.hide(PROJECT, owned_by("ana"))
    after = leased(stores, accepted(stores))

    # WHEN both are stored
    cut_off = stores.memories.insert([a_memory("before")], lease=before)
    kept = stores.memories.insert([a_memory("after")], lease=after)

    # THEN only the later one is
    assert list(cut_off) == [Refused("deleted_meanwhile")]
    assert isinstance(kept[0], Stored)
    assert texts(stores) == ["after"]


def test_a_cut_before_any_add_cuts_nothing_off(stores: Stores) -> None:
    """Hiding in an empty store does not touch the first add ever accepted."""
    stores.memories.hide(PROJECT, All())
    lease = leased(stores, accepted(stores))

    assert isinstance(stores.memories.insert([a_memory()], lease=lease)[0], Stored)


@pytest.mark.parametrize(
    ("where", "scope", "is_cut_off"),
    [
        (owned_by("ana"), Scope("ana", "chef"), True),
        (owned_by("ana"), Scope("bo"), False),
        (owned_by("ana"), Scope(agent_id="ana"), False),
        (All((owned_by("ana"), OwnedBy(OwnerType.AGENT, frozenset(["chef"])))), Scope("ana"), False),
        (OF_ANY_USER, Scope("bo"), True),
        (OF_ANY_USER, Scope(agent_id="chef"), False),
        (All(), Scope(agent_id="chef"), True),
    ],
)
def test_a_cut_reaches_as_far_as_its_owners(
    stores: Stores, where: All | OwnedBy, scope: Scope, *, is_cut_off: bool
) -> None:
    """A pending add is cut off exactly when its memory would have been hidden."""
    lease = leased(stores, accepted(stores))
    stores.memories.hide(PROJECT, where)

    (outcome,) = stores.memories.insert([a_memory(scope=scope)], lease=lease)

    assert (outcome == Refused("deleted_meanwhile")) is is_cut_off


def test_a_cut_does_not_reach_what_is_stored_without_an_event(stores: Stores) -> None:
    """An import is its own acceptance."""
    accepted(stores)
    stores.memories.hide(PROJECT, All())

    assert isinstance(stores.memories.insert([a_memory()])[0], Stored)


def test_projects_never_see_each_other(stores: Stores) -> None:
    """With equal ids, texts and owners in two projects, every method touches its own project alone."""
    # GIVEN the same memory in two projects
    mine = a_memory("same text")
    theirs = replace(mine, project_id=OTHER_PROJECT)
    assert all(isinstance(outcome, Stored) for outcome in stores.memories.insert([mine, theirs]))

    # WHEN everything that changes something is done to mine
    stores.memories.replace(replace(mine, text="changed", version=2), expected_version=1)
    assert stores.memories.hide(PROJECT, All()) == 1
    assert stores.memories.remove_hidden(OTHER_PROJECT, limit=10, now=LATER) == 0
    assert stores.memories.remove_hidden(PROJECT, limit=10, now=LATER) == 1
    assert stores.memories.purge(OTHER_PROJECT, older_than=MUCH_LATER) == 0
    assert stores.memories.purge(PROJECT, older_than=MUCH_LATER) == 1

    # THEN theirs is as it was, and mine is gone
    assert stores.memories.get(OTHER_PROJECT, [mine.memory_id]) == {mine.memory_id: replace(theirs, sequence=1)}
    assert texts(stores, OTHER_PROJECT) == ["same text"]
    assert len(stores.memories.versions(OTHER_PROJECT, mine.memory_id)) == 1
    assert texts(stores) == []


def test_a_cut_of_one_project_does_not_reach_another(stores: Stores) -> None:
    """Pending adds of another project are stored."""
    lease = leased(stores, accepted(stores, OTHER_PROJECT), OTHER_PROJECT)
    stores.memories.hide(PROJECT, All())

    (outcome,) = stores.memories.insert([a_memory(project_id=OTHER_PROJECT)], lease=lease)

    assert isinstance(outcome, Stored)
