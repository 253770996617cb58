"""What every relay of work does: take up what another step has begun, find what is due, start over what has failed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.builders import OTHER_PROJECT, PROJECT, a_fact, an_event
from support.clocks import START
from support.event_steps import LEASE, LEASE_S, accepted, claimed
from support.stores import Stores

from ricordo.domain.errors import ConflictError, EventNotFoundError, LeaseLostError
from ricordo.domain.event import EventResult, EventStatus, EventType
from ricordo.domain.ids import EventId, MemoryId

HOUR = timedelta(hours=1)


def test_work_is_taken_up_by_its_lease_alone(stores: Stores) -> None:
    """A step that knows project, event and epoch gets event, episode and the lease as they stand."""
    work = claimed(stores, accepted(stores))
    stores.events.renew(work.lease, until=START + HOUR)

    resumed = stores.relay.resume(replace(work.lease, until=START))

    assert (resumed.event.event_id, resumed.event.messages) == (work.event.event_id, work.event.messages)
    assert resumed.episode == work.episode
    assert resumed.lease == replace(work.lease, until=START + HOUR)


def test_work_that_was_taken_over_is_not_taken_up(stores: Stores) -> None:
    """Neither under an earlier epoch, nor after the end, nor of an event of another project."""
    event = accepted(stores)
    old = claimed(stores, event)
    new = claimed(stores, event, at=2 * LEASE)

    with pytest.raises(LeaseLostError):
        stores.relay.resume(old.lease)
    with pytest.raises(LeaseLostError):
        stores.relay.resume(replace(new.lease, project_id=OTHER_PROJECT))
    stores.events.finish(new.lease, replace(new.event, status=EventStatus.SUCCEEDED))
    with pytest.raises(LeaseLostError):
        stores.relay.resume(new.lease)


def test_what_is_due_is_listed_over_all_projects(stores: Stores) -> None:
    """Accepted and left events come with the longest due first; what is at work, ended or not due yet is not listed."""
    late = accepted(stores, created_at=START + HOUR)
    early = accepted(stores, project_id=OTHER_PROJECT)
    deletion = an_event(type=EventType.DELETE_ALL, created_at=START + timedelta(minutes=1))
    stores.events.accept(deletion, None)
    accepted(stores, created_at=START + 3 * HOUR)
    claimed(stores, accepted(stores), at=2 * HOUR)
    ended = claimed(stores, accepted(stores))
    stores.events.finish(ended.lease, replace(ended.event, status=EventStatus.SUCCEEDED))

    def due(limit: int) -> list[EventId]:
        return [event.event_id for event in stores.relay.due(now=START + 2 * HOUR, limit=limit)]

    assert due(10) == [early.event_id, deletion.event_id, late.event_id]
    assert due(2) == [early.event_id, deletion.event_id]
    types = {event.type for event in stores.relay.due(now=START + 2 * HOUR, limit=10)}
    assert types == {EventType.ADD, EventType.DELETE_ALL}


def test_a_failed_event_starts_over(stores: Stores) -> None:
    """A redriven event is PENDING, due at once, with all its tries before it and what was said."""
    work = claimed(stores, accepted(stores))
    failed = replace(work.event, status=EventStatus.FAILED, error="model", completed_at=START)
    stores.events.finish(work.lease, failed)
    assert stores.relay.due(now=START + HOUR, limit=9) == []

    again = stores.relay.redrive(PROJECT, work.event.event_id, now=START + HOUR)

    assert (again.status, again.error, again.attempts, again.completed_at) == (EventStatus.PENDING, None, 0, None)
    assert stores.events.get(PROJECT, work.event.event_id) == again
    taken = stores.events.claim(now=START + HOUR, lease_s=LEASE_S)
    assert taken is not None
    assert (taken.event.event_id, taken.event.attempts) == (work.event.event_id, 1)
    assert taken.episode == work.episode


def test_only_what_has_failed_starts_over(stores: Stores) -> None:
    """An event that waits, runs or has succeeded is a conflict; an unknown one, or another project's, is not found."""
    event = accepted(stores)
    with pytest.raises(ConflictError):
        stores.relay.redrive(PROJECT, event.event_id, now=START)
    work = claimed(stores, event)
    with pytest.raises(ConflictError):
        stores.relay.redrive(PROJECT, event.event_id, now=START)
    stores.events.finish(work.lease, replace(work.event, status=EventStatus.SUCCEEDED))
    with pytest.raises(ConflictError):
        stores.relay.redrive(PROJECT, event.event_id, now=START)
    for project_id, event_id in ((OTHER_PROJECT, event.event_id), (PROJECT, EventId("unknown"))):
        with pytest.raises(EventNotFoundError):
            stores.relay.redrive(project_id, event_id, now=START)


def test_a_part_done_is_kept_and_its_facts_are_not(stores: Stores) -> None:
    """An event handed back without an error keeps what it has come to, and takes the facts of the next part."""
    work = claimed(stores, accepted(stores))
    stores.events.keep_facts(work.lease, [a_fact("of the first part")], {})
    result = EventResult(MemoryId("m1"), "of the first part")
    done = replace(work.event, status=EventStatus.PENDING, results=(result,), attempts=0, parts_done=1, facts_done=1)

    stores.events.finish(replace(work.lease, until=START), done)

    taken = stores.events.claim(now=START, lease_s=LEASE_S)
    assert taken is not None
    assert (taken.event.parts_done, taken.event.facts_done, taken.event.attempts) == (1, 1, 1)
    assert taken.event.results == (result,)
    assert stores.events.kept_facts(taken.lease) is None
    stores.events.keep_facts(taken.lease, [a_fact("of the second part")], {})
    kept = stores.events.kept_facts(taken.lease)
    assert kept is not None
    assert [fact.text for fact in kept[0]] == ["of the second part"]


def test_a_failed_try_keeps_the_facts(stores: Stores) -> None:
    """An event handed back with an error finds what was extracted when it is tried again, also in a later part."""
    work = claimed(stores, accepted(stores))
    stores.events.finish(
        replace(work.lease, until=START), replace(work.event, status=EventStatus.PENDING, parts_done=1)
    )
    second = claimed(stores, work.event)
    stores.events.keep_facts(second.lease, [a_fact("kept")], {})
    tried = replace(second.event, status=EventStatus.PENDING, error="throttled")

    stores.events.finish(replace(second.lease, until=START), tried)

    kept = stores.events.kept_facts(claimed(stores, work.event).lease)
    assert kept is not None
    assert [fact.text for fact in kept[0]] == ["kept"]
