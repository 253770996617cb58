"""An add of twenty facts in the whole cloud, as the tests of its workflow make and check it."""

from typing import Any

from support import cloud_requests as requests
from support.builders import PROJECT
from support.whole_cloud import WholeCloud

from ricordo.domain.event import Event, EventStatus
from ricordo.domain.ids import EventId

SAID = [f"Sam likes tea number {number}" for number in range(20)]  # more than a page
ADD: dict[str, Any] = {"messages": [{"role": "user", "content": ". ".join(SAID) + "."}], "user_id": "ana"}
FACTS = [f"{sentence}." for sentence in SAID]
STEPS = ("begin", "extract", "embed", "reconcile", "commit", "finish")


def add(cloud: WholeCloud, body: dict[str, Any] | None = None) -> EventId:
    """Post an add; return its event."""
    status, told = cloud.request("POST", "/v3/memories/add/", body or ADD)
    assert status == 200
    return EventId(told["event_id"])


def accepted(cloud: WholeCloud) -> EventId:
    """Have an add accepted that no execution is started for."""
    return requests.add(cloud.house, "accepted", ADD["messages"][0]["content"]).event_id


def event_of(cloud: WholeCloud, event_id: EventId) -> Event:
    """Read an event."""
    return cloud.house.stores.events.get(PROJECT, event_id)


def assert_done(cloud: WholeCloud, event_id: EventId) -> None:
    """Each fact is there once, in order, in truth and projections, and the event says so."""
    event = event_of(cloud, event_id)
    assert (event.status, event.error) == (EventStatus.SUCCEEDED, None)
    assert [result.text for result in event.results] == FACTS
    assert cloud.house.texts() == FACTS
    assert cloud.house.projection_faults() == []


def sweep(cloud: WholeCloud) -> None:
    """Let an hour pass, so that what was left is due, and sweep."""
    cloud.house.clock.advance(3600)
    cloud.tick("sweep")
    cloud.drain()
