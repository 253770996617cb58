"""Adds put on the bus end, through the workflow, as memories that a search finds; others are told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.builders import PROJECT
from support.whole_cloud import WholeCloud, open_whole_cloud

from ricordo.domain.event import EventQuery, EventStatus
from ricordo.domain.paging import PageRequest

SAID = {"messages": [{"role": "user", "content": "Ana moved to Lisbon."}], "user_id": "ana"}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[WholeCloud]:
    """An account with a project."""
    with open_whole_cloud(tmp_path) as opened:
        yield opened


def test_an_event_on_the_bus_ends_as_a_memory(cloud: WholeCloud) -> None:
    """GIVEN a requested add WHEN all that was begun has ended THEN its event succeeded and a search finds it."""
    cloud.send(SAID)
    cloud.drain()

    (found,) = cloud.house.search("Where did Ana move?").results
    assert found.memory.text == "Ana moved to Lisbon."
    (event,) = cloud.house.stores.events.list(PROJECT, EventQuery(), PageRequest()).items
    assert (event.status, event.event_id) == (EventStatus.SUCCEEDED, found.memory.source.event_id)
    assert [(one.type.value, one.memory_id) for one in cloud.house.announcements.kept] == [
        ("MemoryAdded", found.memory.memory_id)
    ]


def test_what_cannot_be_taken_in_starts_nothing(cloud: WholeCloud) -> None:
    """Its sender is told, and it is set aside."""
    cloud.send({"messages": "Ana moved to Lisbon."})

    assert cloud.drain() == []
    assert [one.type.value for one in cloud.house.announcements.kept] == ["IngestFailed"]
    assert [letter["code"] for letter in cloud.house.dead_letters.letters] == ["missing_scope"]
