"""What every memory store does: removing what is hidden, and for good what has ended."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.builders import (
    OTHER_PROJECT,
    PROJECT,
    a_fact,
    a_memory,
    an_episode,
    an_event,
    owned_by,
)
from support.clocks import START
from support.stores import Stores

from ricordo.domain.errors import EventNotFoundError, MemoryNotFoundError
from ricordo.domain.event import Lease
from ricordo.domain.filters import All
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.memory import Memory, bury
from ricordo.domain.moments import parse_moment
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import Scope
from ricordo.ports.memory_store import Refused

EVERYTHING = PageRequest(1, 100)
LATER = START + timedelta(hours=1)
MUCH_LATER = START + timedelta(days=400)


def accepted(stores: Stores, project_id: ProjectId = PROJECT, **changes: object) -> EventId:
    """Accept an add."""
    event = an_event(project_id=project_id, **changes)
    stores.events.accept(event, an_episode(event))
    return event.event_id


def leased(stores: Stores, event_id: EventId) -> Lease:
    """Claim an accepted event."""
    work = stores.events.claim(now=START, lease_s=60, named=(PROJECT, event_id))
    assert work is not None
    return work.lease


def texts(stores: Stores, project_id: ProjectId = PROJECT) -> list[str]:
    """Return the texts of a project's live memories, newest first."""
    return [memory.text for memory in stores.memories.list(project_id, All(), EVERYTHING).items]


def test_a_purge_keeps_cuts_that_pending_adds_may_still_meet(stores: Stores) -> None:
    """A cut holds until every add accepted before it has ended."""
    lease = leased(stores, accepted(stores))
    stores.memories.hide(PROJECT, owned_by())
    stores.memories.purge(PROJECT, older_than=MUCH_LATER)

    assert list(stores.memories.insert([a_memory()], lease=lease)) == [Refused("deleted_meanwhile")]


def test_hidden_memories_are_removed_in_steps(stores: Stores) -> None:
    """Each call turns up to `limit` into tombstones with a DELETE version, until none is left."""
    memories = [a_memory(f"text {number}") for number in range(5)]
    stores.memories.insert([*memories, a_memory("kept", scope=Scope("bo"))])
    stores.memories.hide(PROJECT, owned_by("ana"))

    removed = [stores.memories.remove_hidden(PROJECT, limit=2, now=LATER) for _ in range(4)]

    assert removed == [2, 2, 1, 0]
    for memory in memories:
        last = stores.memories.versions(PROJECT, memory.memory_id)[-1]
        assert (last.version, last.new_text, last.old_text) == (2, None, memory.text)
        assert last.changed_at == LATER
    assert texts(stores) == ["kept"]


def ended(stores: Stores) -> tuple[Memory, Memory, Memory]:
    """Store a deleted, an expired and a live memory."""
    deleted, live = a_memory("deleted"), a_memory("live")
    expired = a_memory("expired", expiration=parse_moment(LATER.isoformat(), "expiration_date"))
    stores.memories.insert([deleted, expired, live])
    stores.memories.replace(bury(deleted, now=LATER), expected_version=1)
    return deleted, expired, live


def test_purge_removes_for_good_what_ended_before(stores: Stores) -> None:
    """Deleted and expired memories lose their history once they ended before a time; live ones stay."""
    deleted, expired, live = ended(stores)

    assert stores.memories.purge(PROJECT, older_than=LATER + timedelta(seconds=1)) == 2

    for memory in (deleted, expired):
        with pytest.raises(MemoryNotFoundError):
            stores.memories.versions(PROJECT, memory.memory_id)
    assert texts(stores) == ["live"]
    assert len(stores.memories.versions(PROJECT, live.memory_id)) == 1


def test_purge_keeps_what_ended_later(stores: Stores) -> None:
    """Retention is counted from the end of a memory, not from its beginning."""
    ended(stores)

    assert stores.memories.purge(PROJECT, older_than=LATER) == 0
    assert texts(stores) == ["expired", "live"]


def test_purge_removes_the_episode_that_only_purged_memories_came_from(stores: Stores) -> None:
    """What was said goes with the last memory made from it, not before."""
    lease = leased(stores, accepted(stores))
    source = a_memory().source
    first, second = (
        a_memory(f"fact {n}", source=replace(source, event_id=lease.event_id, ordinal=n)) for n in range(2)
    )
    stores.events.keep_facts(lease, [a_fact("fact 0")], {})
    stores.memories.insert([first, second], lease=lease)
    event = stores.events.get(PROJECT, lease.event_id)
    stores.events.finish(lease, replace(event, status=event.status.SUCCEEDED))

    stores.memories.replace(bury(first, now=LATER), expected_version=1)
    stores.memories.purge(PROJECT, older_than=MUCH_LATER)
    assert stores.events.get(PROJECT, lease.event_id).messages

    stores.memories.replace(bury(second, now=LATER), expected_version=1)
    stores.memories.purge(PROJECT, older_than=MUCH_LATER)
    assert stores.events.get(PROJECT, lease.event_id).messages == ()


def test_purge_keeps_the_episode_of_an_event_at_work(stores: Stores) -> None:
    """More memories may come from an add that has not ended."""
    lease = leased(stores, accepted(stores))
    source = replace(a_memory().source, event_id=lease.event_id)
    past = parse_moment("2020-01-01", "expiration_date")
    stores.memories.insert([a_memory(source=source, expiration=past)], lease=lease)

    assert stores.memories.purge(PROJECT, older_than=START) == 1
    assert stores.events.get(PROJECT, lease.event_id).messages


def test_a_purged_id_can_be_stored_anew_and_is_seen(stores: Stores) -> None:
    """Nothing remembers a purged memory: neither uniqueness nor a cache."""
    memory = a_memory("one")
    stores.memories.insert([memory])
    stores.memories.replace(bury(memory, now=START), expected_version=1)
    stores.memories.purge(PROJECT, older_than=LATER)

    stores.memories.insert([replace(memory, text="two")])

    assert stores.memories.get(PROJECT, [memory.memory_id])[memory.memory_id].text == "two"


def test_purge_forgets_the_episode_of_its_own_project_only(stores: Stores) -> None:
    """Equal event ids in two projects are two events."""
    for project_id in (PROJECT, OTHER_PROJECT):
        accepted(stores, project_id, event_id=EventId("same"))
    memory = a_memory(source=replace(a_memory().source, event_id=EventId("same")))
    stores.memories.insert([memory])
    stores.memories.replace(bury(memory, now=START), expected_version=1)
    stores.memories.purge(PROJECT, older_than=LATER)

    assert stores.events.get(OTHER_PROJECT, EventId("same")).messages
    with pytest.raises(EventNotFoundError):
        stores.events.get(ProjectId("third"), EventId("same"))
