"""All that a project can read, and what it must be told: its own, where another project names everything alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from support.clocks import START
from support.stores import Stores
from support.tenants import (
    ALL,
    AT_LAST,
    EVENT,
    GONE,
    LATER,
    OWNERS,
    SCOPE,
    SHARED,
    TENANTS,
    consolidated_at,
    fill,
    memory_of,
    only,
    other_than,
    usage_of,
)

from ricordo.domain import filters as f
from ricordo.domain.consolidation import ChangedScope
from ricordo.domain.episode import Message, Role
from ricordo.domain.errors import EventNotFoundError, MemoryNotFoundError
from ricordo.domain.event import Event, EventQuery, EventType, Lease
from ricordo.domain.ids import EventId, MemoryId, ProjectId
from ricordo.domain.memory import LifecycleState, Memory, bury
from ricordo.domain.paging import Page, PageRequest
from ricordo.domain.project import OwnerTotals
from ricordo.domain.scope import Owner, OwnerType
from ricordo.ports.idempotency_store import Answered
from ricordo.ports.memory_store import Refused

FILTERS: Sequence[f.Expression] = (
    f.All(),
    *(f.OwnedBy(kind, frozenset([owner_id])) for kind, owner_id in zip(OwnerType, OWNERS, strict=True)),
    *(f.OwnedBy(kind, None) for kind in OwnerType),
    f.AnyOf((f.OwnedBy(OwnerType.USER, frozenset(["ana"])), f.OwnedBy(OwnerType.AGENT, frozenset(["chef"])))),
    f.Not(f.OwnedBy(OwnerType.USER, frozenset(["bo"]))),
    f.Within(f.TimeField.CREATED_AT, START - timedelta(days=1), None),
    f.CategoryIn(frozenset(["drinks"])),
    f.CategoryContains("rink"),
    f.MetadataIs("kind", "s:drink"),
    f.MetadataPresent("tenant"),
    f.MetadataContains("kind", "rin"),
    f.TextContains("tea", folds_case=True),
    f.InState(frozenset([LifecycleState.ACTIVE])),
    f.UnexpiredAt(START),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """One way to read, and what it must tell a project."""

    name: str
    ask: Callable[[Stores, ProjectId], object]
    expected: Callable[[ProjectId], object]


def _told(memories: Sequence[Memory]) -> list[tuple[str, object, str]]:
    return [(memory.memory_id, memory.metadata.get("tenant"), memory.project_id) for memory in memories]


def _own(project_id: ProjectId) -> list[tuple[str, object, str]]:
    return [(name, project_id, project_id) for name in (only(project_id), SHARED)]


def _got(stores: Stores, project_id: ProjectId) -> object:
    asked = [MemoryId(name) for name in (*map(only, TENANTS), SHARED, GONE)]
    return sorted(_told(list(stores.memories.get(project_id, asked).values())))


def _listed(where: f.Expression) -> Callable[[Stores, ProjectId], object]:
    def ask(stores: Stores, project_id: ProjectId) -> object:
        page = stores.memories.list(project_id, where, ALL)
        return _told(page.items), page.total

    return ask


def _beyond(list_page: Callable[[ProjectId, PageRequest], Page[Any]], mine: ProjectId) -> list[object]:
    """Return what is foreign of what follows a place in the other project's list."""
    theirs = other_than(mine)
    foreign = list_page(theirs, PageRequest(1, 1)).end
    rows = list_page(mine, PageRequest(2, 50, foreign)).items
    return [row for row in rows if row.project_id == theirs or only(theirs) in repr(row)]


def _memories_beyond(stores: Stores, project_id: ProjectId) -> object:
    return _beyond(lambda mine, page: stores.memories.list(mine, f.All(), page), project_id)


def _events_beyond(stores: Stores, project_id: ProjectId) -> object:
    return _beyond(lambda mine, page: stores.events.list(mine, EventQuery(), page), project_id)


def _owners_beyond(stores: Stores, project_id: ProjectId) -> object:
    return _beyond(stores.owners.list, project_id)


def _versions(stores: Stores, project_id: ProjectId) -> object:
    with pytest.raises(MemoryNotFoundError):
        stores.memories.versions(project_id, MemoryId(only(other_than(project_id))))
    return [(one.version, one.metadata.get("tenant")) for one in stores.memories.versions(project_id, SHARED)]


def _standing(stores: Stores, project_id: ProjectId) -> object:
    asked = [MemoryId(name) for name in (*map(only, TENANTS), SHARED, GONE)]
    standing = stores.feed.standing(project_id, asked)
    return sorted((memory_id, one.is_live, one.memory.project_id) for memory_id, one in standing.items())


def _foreign_pending(stores: Stores, project_id: ProjectId) -> object:
    pending = stores.feed.pending(project_id, f.All(), limit=50, now=START).memory_ids
    return [memory_id for memory_id in pending if memory_id == only(other_than(project_id))]


def _archived(stores: Stores, project_id: ProjectId) -> object:
    dumped = list(stores.archive.dump(project_id, f.All(), includes_deleted=True))
    return [(one.memory.memory_id, one.memory.project_id, len(one.versions)) for one in dumped]


def _known(stores: Stores, project_id: ProjectId) -> object:
    return stores.archive.known(project_id, [MemoryId(only(one)) for one in TENANTS])


def _event(stores: Stores, project_id: ProjectId) -> object:
    with pytest.raises(EventNotFoundError):
        stores.events.get(project_id, EventId(only(other_than(project_id))))
    return _spelled(stores.events.get(project_id, EVENT))


def _spelled(event: Event) -> tuple[object, ...]:
    return event.event_id, event.project_id, event.request["tenant"], event.messages


def _event_of(project_id: ProjectId, event_id: str) -> tuple[object, ...]:
    return event_id, project_id, project_id, (Message(Role.USER, project_id),)


def _events(stores: Stores, project_id: ProjectId) -> object:
    page = stores.events.list(project_id, EventQuery(EventType.ADD), ALL)
    return sorted(_spelled(event) for event in page.items), page.total


def _foreign_work(stores: Stores, project_id: ProjectId) -> object:
    named = (project_id, EventId(only(other_than(project_id))))
    return stores.events.claim(now=AT_LAST, lease_s=60, named=named)


def _facts(stores: Stores, project_id: ProjectId) -> object:
    kept = stores.events.kept_facts(Lease(project_id, EVENT, 1, START))
    return kept and [fact.text for fact in kept[0]]


def _owners(stores: Stores, project_id: ProjectId) -> object:
    page = stores.owners.list(project_id, ALL)
    return sorted((one.owner_id, one.project_id) for one in page.items), page.total


def _owner(stores: Stores, project_id: ProjectId) -> object:
    users = [Owner(OwnerType.USER, one) for one in ("ana", only(project_id))]
    return [stores.owners.get(project_id, user).updated_at for user in users]


def _speakers(stores: Stores, project_id: ProjectId) -> object:
    return stores.owners.speakers(project_id, list(SCOPE.owners()))


def _consolidated(stores: Stores, project_id: ProjectId) -> object:
    changed = ChangedScope(Owner(OwnerType.USER, "ana"), AT_LAST)
    claim = stores.consolidations.claim(project_id, changed, holder="reader", now=LATER, until=AT_LAST)
    return stores.consolidations.consolidated_through(project_id), claim and (claim.project_id, claim.since)


def _answer(stores: Stores, project_id: ProjectId) -> object:
    return stores.idempotency.claim(project_id, "key", fingerprint="f", now=LATER, until=AT_LAST)


READS = (
    Read("get", _got, lambda mine: sorted(_own(mine))),
    *(Read(f"list {where}", _listed(where), lambda mine: (_own(mine), 2)) for where in FILTERS),
    Read("list one that is named", _listed(f.IdIn(frozenset(map(only, TENANTS)))), lambda mine: (_own(mine)[:1], 1)),
    Read("memories from a foreign place", _memories_beyond, lambda _mine: []),
    Read("versions", _versions, lambda mine: [(1, mine), (2, mine)]),
    Read("standing", _standing, lambda mine: [(GONE, False, mine), (only(mine), True, mine), (SHARED, True, mine)]),
    Read("pending", _foreign_pending, lambda _mine: []),
    Read("archive", _archived, lambda mine: [(SHARED, mine, 2), (GONE, mine, 2), (only(mine), mine, 1)]),
    Read("known", _known, lambda mine: {only(mine)}),
    Read("event", _event, lambda mine: _event_of(mine, EVENT)),
    Read("events", _events, lambda mine: ([_event_of(mine, EVENT), _event_of(mine, only(mine))], 2)),
    Read("events from a foreign place", _events_beyond, lambda _mine: []),
    Read("foreign work", _foreign_work, lambda _mine: None),
    Read("facts", _facts, lambda mine: [mine]),
    Read("owners", _owners, lambda mine: (sorted((one, mine) for one in (*OWNERS, only(mine))), 5)),
    Read("owners from a foreign place", _owners_beyond, lambda _mine: []),
    Read("owner totals", lambda stores, mine: stores.owners.totals(mine), lambda _mine: OwnerTotals(2, 1, 1, 1)),
    Read("owner", _owner, lambda _mine: [START, LATER]),
    Read("consolidated", _consolidated, lambda mine: (consolidated_at(mine), (mine, consolidated_at(mine)))),
    Read("speakers", _speakers, lambda mine: {mine}),
    Read("answer", _answer, Answered),
    Read("usage", lambda stores, mine: stores.usage.totals(mine, START.date()), lambda mine: [usage_of(mine)]),
    Read("project", lambda stores, mine: stores.projects.get(mine).name, lambda mine: mine),
)  # fmt: skip


def sees_its_own(stores: Stores, project_id: ProjectId) -> None:
    """Check every way to read for one project."""
    told = {read.name: read.ask(stores, project_id) for read in READS}
    assert told == {read.name: read.expected(project_id) for read in READS}
    listed = stores.memories.list(project_id, f.All(), ALL).items
    assert [memory.sequence for memory in listed] == [3, 1]
    again = replace(memory_of(project_id, "again", "tea", 9), accepted_at=LATER)
    assert stores.memories.insert([again]) == [Refused("duplicate")]


def tenants_are_kept_apart(stores: Stores) -> None:
    """Check that two projects that name everything alike see their own, whatever the other does."""
    for project_id in TENANTS:
        fill(stores, project_id)
    for project_id in TENANTS:
        sees_its_own(stores, project_id)
    mine, theirs = TENANTS
    shared = stores.memories.get(mine, [SHARED])[SHARED]
    stores.memories.replace(bury(shared, now=LATER), expected_version=2)
    sees_its_own(stores, theirs)
    assert stores.memories.hide(mine, f.OwnedBy(OwnerType.USER, frozenset(["ana"]))) == 1
    assert stores.memories.list(mine, f.All(), ALL).items == []
    sees_its_own(stores, theirs)
    assert stores.memories.remove_hidden(mine, limit=10, now=LATER) == 1
    assert stores.memories.purge(mine, older_than=AT_LAST) == 3
    stores.owners.remove(mine, Owner(OwnerType.USER, "ana"))
    sees_its_own(stores, theirs)
