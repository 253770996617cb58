"""What every event store does: acceptance, reading, leases, facts, the end."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from support.builders import ANA, OTHER_PROJECT, PROJECT, a_fact, an_episode, an_event
from support.clocks import START
from support.event_steps import LEASE, LEASE_S, accepted, claimed
from support.stores import Stores

from ricordo.domain.episode import Message, Role
from ricordo.domain.errors import EventNotFoundError, LeaseLostError
from ricordo.domain.event import EventQuery, EventStatus, EventType
from ricordo.domain.ids import EventId
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import Scope

DAY = timedelta(days=1)
EVERYTHING = PageRequest(1, 100)


def listed(stores: Stores, query: EventQuery, page: PageRequest = EVERYTHING) -> list[EventId]:
    """Return the ids of one page of events."""
    return [event.event_id for event in stores.events.list(PROJECT, query, page).items]


def test_an_event_is_read_back_with_what_was_said(stores: Stores) -> None:
    """Event and episode come back as they were accepted."""
    messages = (Message(Role.USER, "I like té\0 🍵", "Ana"), Message(Role.ASSISTANT, "Noted."))
    event = an_event(
        scope=Scope("ana", "chef", "ios", "r1"),
        request={"infer": True, "metadata": {"k": [1, None]}},
        messages=messages,
    )
    episode = an_episode(event, said_at=START - DAY, options={"infer": True}, messages=messages)

    assert stores.events.accept(event, episode)

    assert stores.events.get(PROJECT, event.event_id) == event
    assert claimed(stores, event).episode == episode


def test_a_very_long_conversation_is_read_back(stores: Stores) -> None:
    """Sixteen megabytes of messages come back as they were said, whether they can be compressed or not."""
    noise = random.Random(1)  # noqa: S311  no secret
    messages = tuple(Message(Role.USER, noise.randbytes(8_000).hex()) for _ in range(1_000))
    event = an_event(messages=messages)

    assert stores.events.accept(event, an_episode(event, messages=messages))

    work = claimed(stores, event)
    assert work.episode is not None
    assert work.episode.messages == messages
    assert stores.events.get(PROJECT, event.event_id).messages == messages
    assert stores.events.list(PROJECT, EventQuery(), EVERYTHING).items[0].messages == messages


def test_an_event_without_an_episode_has_no_messages(stores: Stores) -> None:
    """A deletion leaves an event and no episode."""
    event = an_event(type=EventType.DELETE_ALL, notes={"hidden": 3})
    stores.events.accept(event, None)

    assert stores.events.get(PROJECT, event.event_id) == event
    assert claimed(stores, event).episode is None


def test_an_event_is_accepted_once(stores: Stores) -> None:
    """A second acceptance of an id is told apart and changes nothing."""
    event = accepted(stores)
    other = replace(event, request={"other": True}, scope=Scope("bo"))

    assert not stores.events.accept(other, an_episode(other, "something else"))

    assert stores.events.get(PROJECT, event.event_id).scope == ANA
    assert stores.events.get(PROJECT, event.event_id).messages[0].content == "I live in Lisbon."


def test_an_unknown_event_is_an_error(stores: Stores) -> None:
    """Absent is an error, and another project's event is absent."""
    event = accepted(stores, project_id=OTHER_PROJECT)

    for event_id in (event.event_id, EventId("unknown")):
        with pytest.raises(EventNotFoundError):
            stores.events.get(PROJECT, event_id)


def test_events_are_listed_newest_first_in_exact_pages(stores: Stores) -> None:
    """Pages hold one project's events, the one accepted last first."""
    events = [accepted(stores, created_at=START + n * DAY) for n in range(5)]
    accepted(stores, project_id=OTHER_PROJECT)

    pages = [stores.events.list(PROJECT, EventQuery(), PageRequest(n, 2)) for n in (1, 2, 3, 4)]

    assert [e.event_id for page in pages for e in page.items] == [e.event_id for e in events[::-1]]
    assert [len(page.items) for page in pages] == [2, 2, 1, 0]
    assert {page.total for page in pages} == {5}


def test_events_are_listed_by_type_and_time(stores: Stores) -> None:
    """`since` is included, `before` is not; all conditions hold together."""
    adds = [accepted(stores, created_at=START + n * DAY).event_id for n in range(3)]
    deletion = accepted(stores, type=EventType.DELETE_USER, created_at=START + 3 * DAY).event_id

    assert listed(stores, EventQuery(type=EventType.ADD)) == adds[::-1]
    assert listed(stores, EventQuery(since=START + DAY)) == [deletion, adds[2], adds[1]]
    assert listed(stores, EventQuery(before=START + DAY)) == [adds[0]]
    assert listed(stores, EventQuery(EventType.ADD, START + DAY, START + 2 * DAY)) == [adds[1]]
    assert listed(stores, EventQuery(type=EventType.DELETE_ALL)) == []


def test_events_are_listed_on_from_a_place(stores: Stores) -> None:
    """Where a store says where a page ended, the next goes on from there, also within a type and a time."""
    adds = [accepted(stores, created_at=START + n * DAY).event_id for n in range(7)]
    accepted(stores, type=EventType.DELETE_ALL, created_at=START + 3 * DAY)
    query = EventQuery(EventType.ADD, since=START + DAY, before=START + 6 * DAY)

    shown, page = [], PageRequest(1, 2)
    while (found := stores.events.list(PROJECT, query, page)).items:
        shown += [event.event_id for event in found.items]
        page = PageRequest(page.number + 1, 2, found.end)
        assert (found.total, found.is_total_exact) == (5, True)

    assert shown == adds[5:0:-1]


def test_no_event_is_listed_between_crossed_times(stores: Stores) -> None:
    """`since` after `before` is no error, and nothing."""
    accepted(stores)

    assert listed(stores, EventQuery(since=START + DAY, before=START - DAY)) == []
    assert listed(stores, EventQuery(since=START, before=START)) == []


def test_a_claim_starts_the_event(stores: Stores) -> None:
    """The claimed event is RUNNING, counts its try, and keeps the time of the first start."""
    event = accepted(stores)

    first = claimed(stores, event)
    second = claimed(stores, event, at=2 * LEASE)

    assert (first.event.status, first.event.attempts, first.event.started_at) == (
        EventStatus.RUNNING,
        1,
        START,
    )
    assert first.lease.until == START + LEASE
    assert (second.event.attempts, second.event.started_at) == (2, START)
    assert second.lease.epoch > first.lease.epoch
    assert stores.events.get(PROJECT, event.event_id) == second.event


def test_a_running_lease_lets_nobody_else_in(stores: Stores) -> None:
    """Until the lease ends the event is not claimed, neither by name nor as due."""
    event = accepted(stores)
    claimed(stores, event)
    just_before = START + LEASE - timedelta(microseconds=1)

    assert stores.events.claim(now=just_before, lease_s=LEASE_S, named=(PROJECT, event.event_id)) is None
    assert stores.events.claim(now=just_before, lease_s=LEASE_S) is None
    assert stores.events.claim(now=START + LEASE, lease_s=LEASE_S) is not None


def test_an_accepted_event_becomes_due_after_a_grace(stores: Stores) -> None:
    """Nobody takes a fresh event by chance; an hour later it is due without any start."""
    event = accepted(stores)

    assert stores.events.claim(now=START, lease_s=LEASE_S) is None
    work = stores.events.claim(now=START + timedelta(hours=1), lease_s=LEASE_S)
    assert work is not None
    assert work.event.event_id == event.event_id


def test_the_oldest_due_event_of_all_projects_comes_first(stores: Stores) -> None:
    """Work is taken in the order in which it became due, whichever project it is of."""
    late = accepted(stores, created_at=START + 2 * DAY)
    early = accepted(stores, created_at=START, project_id=OTHER_PROJECT)
    middle = accepted(stores, created_at=START + DAY)

    taken = [stores.events.claim(now=START + 9 * DAY, lease_s=LEASE_S) for _ in range(4)]

    assert [work and work.event.event_id for work in taken] == [
        early.event_id,
        middle.event_id,
        late.event_id,
        None,
    ]
    assert taken[0] is not None
    assert taken[0].event.project_id == taken[0].lease.project_id == OTHER_PROJECT


def test_an_unknown_event_cannot_be_claimed(stores: Stores) -> None:
    """A claim by a name that is not there finds nothing, another project's included."""
    theirs = accepted(stores, project_id=OTHER_PROJECT)

    assert stores.events.claim(now=START + DAY, lease_s=LEASE_S, named=(PROJECT, theirs.event_id)) is None

    assert stores.events.claim(now=START + DAY, lease_s=LEASE_S, named=(PROJECT, EventId("unknown"))) is None


def test_workers_at_once_claim_each_due_event_once(stores: Stores) -> None:
    """Eight workers take a hundred due events: each is claimed by one of them, and none is left."""
    events = [accepted(stores) for _ in range(100)]

    def work(_worker: int) -> list[EventId]:
        claims = iter(lambda: stores.events.claim(now=START + DAY, lease_s=LEASE_S), None)
        return [claim.event.event_id for claim in claims]

    with ThreadPoolExecutor(8) as workers:
        taken = [event_id for claims in workers.map(work, range(8)) for event_id in claims]

    assert sorted(taken) == sorted(event.event_id for event in events)


def test_workers_at_once_claim_a_named_event_once(stores: Stores) -> None:
    """Of eight workers told of the same event one gets it."""
    event = accepted(stores)

    def work(_worker: int) -> bool:
        named = (PROJECT, event.event_id)
        return stores.events.claim(now=START, lease_s=LEASE_S, named=named) is not None

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(work, range(8))) == 1


def test_a_renewed_lease_runs_longer(stores: Stores) -> None:
    """Renewing moves the end, and keeps the epoch."""
    event = accepted(stores)
    lease = claimed(stores, event).lease

    renewed = stores.events.renew(lease, until=START + 5 * LEASE)

    assert renewed == replace(lease, until=START + 5 * LEASE)
    assert stores.events.claim(now=START + 2 * LEASE, lease_s=LEASE_S, named=(PROJECT, event.event_id)) is None


def test_a_lost_lease_can_do_nothing(stores: Stores) -> None:
    """After a takeover every write under the old lease is refused and changes nothing."""
    event = accepted(stores)
    old = claimed(stores, event)
    new = claimed(stores, event, at=2 * LEASE)

    for write in (
        lambda: stores.events.renew(old.lease, until=START + DAY),
        lambda: stores.events.keep_facts(old.lease, [a_fact()], {}),
        lambda: stores.events.finish(old.lease, replace(old.event, status=EventStatus.FAILED)),
    ):
        with pytest.raises(LeaseLostError):
            write()

    assert stores.events.kept_facts(new.lease) is None
    assert stores.events.get(PROJECT, event.event_id).status is EventStatus.RUNNING
    stores.events.renew(new.lease, until=START + DAY)


def test_an_expired_lease_that_nobody_took_over_still_holds(stores: Stores) -> None:
    """The fence is the epoch, not the clock: slow work is not thrown away while nobody else does it."""
    event = accepted(stores)
    lease = claimed(stores, event).lease

    stores.events.keep_facts(lease, [a_fact()], {})
    stores.events.renew(lease, until=START + 9 * LEASE)
