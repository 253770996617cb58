"""The first steps of an event's life, as the suites of the event store take them."""

from datetime import timedelta
from typing import Any

from support.builders import an_episode, an_event
from support.clocks import START
from support.stores import Stores

from ricordo.domain.event import Event
from ricordo.ports.event_store import ClaimedWork

LEASE_S = 60.0
LEASE = timedelta(seconds=LEASE_S)


def accepted(stores: Stores, event_id: str = "", **changes: Any) -> Event:
    """Accept an add."""
    event = an_event(event_id, **changes)
    assert stores.events.accept(event, an_episode(event))
    return event


def claimed(stores: Stores, event: Event, *, at: timedelta = timedelta()) -> ClaimedWork:
    """Claim an event by its name."""
    work = stores.events.claim(now=START + at, lease_s=LEASE_S, named=(event.project_id, event.event_id))
    assert work is not None
    return work
