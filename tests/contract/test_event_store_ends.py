"""What every event store does: facts kept, and how an event ends."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from support.builders import OTHER_PROJECT, PROJECT, a_fact
from support.clocks import START
from support.event_steps import LEASE, LEASE_S, accepted, claimed
from support.stores import Stores

from ricordo.domain.episode import Role
from ricordo.domain.errors import LeaseLostError
from ricordo.domain.event import EventQuery, EventResult, EventStatus
from ricordo.domain.graph import Entity, EntityType, Relation
from ricordo.domain.ids import EventId, MemoryId
from ricordo.domain.memory import ChangeType
from ricordo.domain.paging import PageRequest

DAY = timedelta(days=1)
EVERYTHING = PageRequest(1, 100)


def test_kept_facts_are_read_back(stores: Stores) -> None:
    """Facts and notes come back as they were kept, in order."""
    lease = claimed(stores, accepted(stores)).lease
    full = a_fact(
        "Ana moved\0 to Lisbon in 2025.",
        attributed_to=Role.ASSISTANT,
        message_index=3,
        speaker="Zoë",
        entities=(Entity("Ana", EntityType.PERSON), Entity("Lisbon")),
        relations=(Relation("Ana", "moved_to", "Lisbon", START, None),),
        valid_from=START,
        valid_to=START + DAY,
    )
    assert stores.events.kept_facts(lease) is None

    stores.events.keep_facts(lease, [full, a_fact("b")], {"facts": 2, "dropped": {"greeting": 1}})

    assert stores.events.kept_facts(lease) == ([full, a_fact("b")], {"facts": 2, "dropped": {"greeting": 1}})


def test_what_came_of_very_much_is_read_back(stores: Stores) -> None:
    """Megabytes of facts, and of results, come back as they were written."""
    noise = random.Random(1)  # noqa: S311  no secret
    facts = [a_fact(noise.randbytes(800).hex(), message_index=number) for number in range(3_000)]
    work = claimed(stores, accepted(stores))
    stores.events.keep_facts(work.lease, facts, {})
    results = tuple(EventResult(MemoryId(f"m{fact.message_index}"), fact.text) for fact in facts)
    ended = replace(work.event, status=EventStatus.SUCCEEDED, results=results)
    stores.events.finish(work.lease, ended)

    assert stores.events.kept_facts(work.lease) == (facts, {})
    assert stores.events.get(PROJECT, ended.event_id) == ended


def test_the_first_facts_win(stores: Stores) -> None:
    """A second answer of the model changes nothing, not even for a later worker; no facts are facts too."""
    event, empty = accepted(stores), accepted(stores)
    stores.events.keep_facts(claimed(stores, event).lease, [a_fact("first")], {"facts": 1})
    later = claimed(stores, event, at=2 * LEASE).lease
    stores.events.keep_facts(later, [a_fact("second"), a_fact("third")], {"facts": 2})
    lease = claimed(stores, empty).lease
    stores.events.keep_facts(lease, [], {"facts": 0})
    stores.events.keep_facts(lease, [a_fact()], {"facts": 1})

    assert stores.events.kept_facts(later) == ([a_fact("first")], {"facts": 1})
    assert stores.events.kept_facts(lease) == ([], {"facts": 0})


@pytest.mark.parametrize("status", [EventStatus.SUCCEEDED, EventStatus.FAILED])
def test_a_finished_event_is_final(stores: Stores, status: EventStatus) -> None:
    """The outcome is read back; nobody claims, renews or finishes the event again."""
    event = accepted(stores)
    work = claimed(stores, event)
    ended = replace(
        work.event,
        status=status,
        results=(EventResult(MemoryId("m1"), "text"), EventResult(MemoryId("m2"), "t", ChangeType.UPDATE)),
        notes={"facts": 2},
        error="embedder_unavailable",
        updated_at=START + timedelta(seconds=2),
        completed_at=START + timedelta(seconds=2),
    )

    stores.events.finish(work.lease, ended)

    assert stores.events.get(PROJECT, event.event_id) == ended
    assert ended.latency_ms == 2000
    assert stores.events.claim(now=START + DAY, lease_s=LEASE_S) is None
    assert stores.events.claim(now=START + DAY, lease_s=LEASE_S, named=(PROJECT, event.event_id)) is None
    with pytest.raises(LeaseLostError):
        stores.events.finish(work.lease, replace(ended, status=EventStatus.FAILED))
    with pytest.raises(LeaseLostError):
        stores.events.renew(work.lease, until=START + DAY)


def test_an_event_handed_back_becomes_due_when_its_lease_says(stores: Stores) -> None:
    """A PENDING event is due at `until`, claimable by name before, and remembers why it was handed back."""
    event, named = accepted(stores), accepted(stores)
    for handed in (event, named):
        work = claimed(stores, handed)
        pending = replace(work.event, status=EventStatus.PENDING, error="store_busy")
        stores.events.finish(replace(work.lease, until=START + timedelta(hours=1)), pending)

    assert stores.events.get(PROJECT, event.event_id).error == "store_busy"
    assert stores.events.claim(now=START + timedelta(minutes=59), lease_s=LEASE_S) is None
    assert claimed(stores, named, at=timedelta(minutes=59)).event.attempts == 2
    due = [stores.events.claim(now=START + timedelta(hours=1), lease_s=LEASE_S) for _ in range(3)]
    assert {work.event.event_id for work in due if work} == {event.event_id, named.event_id}


def test_projects_never_see_each_other(stores: Stores) -> None:
    """With equal event ids in two projects, each lease writes to its own event."""
    for project_id in (PROJECT, OTHER_PROJECT):
        accepted(stores, "same", project_id=project_id)
    works = [stores.events.claim(now=START + DAY, lease_s=LEASE_S) for _ in range(2)]
    by_project = {work.lease.project_id: work for work in works if work}

    mine = by_project[PROJECT]
    stores.events.keep_facts(mine.lease, [a_fact("mine")], {})
    stores.events.finish(mine.lease, replace(mine.event, status=EventStatus.SUCCEEDED))

    assert stores.events.get(OTHER_PROJECT, EventId("same")).status is EventStatus.RUNNING
    assert stores.events.kept_facts(by_project[OTHER_PROJECT].lease) is None
    assert stores.events.list(OTHER_PROJECT, EventQuery(), EVERYTHING).total == 1
    stores.events.renew(by_project[OTHER_PROJECT].lease, until=START + 2 * DAY)
