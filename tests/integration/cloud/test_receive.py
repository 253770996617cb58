"""Adds that come over the event bus: taken in once, or set aside and announced."""

from typing import Any

import pytest
from support.builders import PROJECT, a_project
from support.bus_events import add_requested
from support.cloud_house import CloudHouse
from support.events import read
from support.faults import FailingStore

from functions.receive import handler as receiver
from ricordo.domain.errors import UnavailableError
from ricordo.domain.event import EventQuery, EventStatus
from ricordo.domain.ids import ProjectId
from ricordo.domain.moments import iso
from ricordo.domain.paging import PageRequest

OF_PAYLOADS = ProjectId("proj_events")
SAID = {"messages": [{"role": "user", "content": "Ana moved to Lisbon."}], "user_id": "ana"}


@pytest.fixture(autouse=True)
def _wired(cloud_house: CloudHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the receiver work for a house with two projects."""
    for project_id in (PROJECT, OF_PAYLOADS):
        cloud_house.stores.projects.create(a_project(project_id=project_id))
    serve(cloud_house, monkeypatch)


def serve(house: CloudHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the receiver work for a house."""
    monkeypatch.setattr(receiver, "services", lambda: house.services)


def receive(event: dict[str, Any]) -> dict[str, str]:
    """Deliver an event."""
    return receiver.handler(event, None)


def test_an_event_ends_as_a_memory(cloud_house: CloudHouse) -> None:
    """GIVEN a requested add WHEN its event was worked on THEN a search finds the memory, said when it was sent."""
    answer = receive(add_requested(SAID, project=PROJECT))
    assert answer["status"] == "PENDING"

    cloud_house.work()
    cloud_house.project()

    (found,) = cloud_house.search("Where did Ana move?").results
    assert found.memory.text == "Ana moved to Lisbon."
    assert found.memory.source.event_id == answer["event_id"]
    assert iso(found.memory.created_at) == "2026-03-09T14:02:11Z"
    event = cloud_house.stores.events.get(PROJECT, found.memory.source.event_id)
    assert event.status is EventStatus.SUCCEEDED
    assert [one.type.value for one in cloud_house.announcements.kept] == ["MemoryAdded"]


def test_an_event_delivered_again_is_one_add(cloud_house: CloudHouse) -> None:
    """Before the work and after it; another event that says the same is another add."""
    event = add_requested(SAID, project=PROJECT)

    first, again = receive(event), receive(event)
    cloud_house.work()
    late = receive(event)
    cloud_house.work()

    assert (again, late) == (first, {**first, "status": "SUCCEEDED"})
    assert cloud_house.texts() == ["Ana moved to Lisbon."]
    assert receive(add_requested(SAID, project=PROJECT, event_id="another"))["event_id"] != first["event_id"]


@pytest.mark.parametrize("name", ["conversation", "verbatim"])
def test_a_payload_is_taken_in(name: str, cloud_house: CloudHouse) -> None:
    """With its options, in the project its source names."""
    answer = receive(read("receive")[name])

    assert answer["status"] == "PENDING"
    assert cloud_house.dead_letters.letters == []
    event = cloud_house.stores.events.claim(now=cloud_house.clock.now(), lease_s=20)
    assert event is not None
    assert (event.event.project_id, event.event.event_id) == (OF_PAYLOADS, answer["event_id"])
    assert event.event.request["infer"] is (name == "conversation")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("without_owner", "missing_scope"),
        ("without_messages", "invalid_request"),
        ("for_another_project", "access_denied"),
        ("of_an_unknown_project", "project_not_found"),
    ],
)
def test_what_can_never_be_taken_in_is_set_aside(name: str, code: str, cloud_house: CloudHouse) -> None:
    """By ids and a reason, without a word of what was said; its sender is told, and nothing is stored."""
    event = read("receive")[name]

    answer = receive(event)

    (letter,) = cloud_house.dead_letters.letters
    assert answer == {"event_id": letter["event_id"], "status": "REFUSED"}
    assert (letter["reason"], letter["code"], letter["source"]) == ("event_refused", code, event["source"])
    assert "Lisbon" not in str(letter)
    (told,) = cloud_house.announcements.kept
    assert (told.type.value, told.event_id, told.reason) == ("IngestFailed", answer["event_id"], code)
    for project_id in (OF_PAYLOADS, told.project_id):
        assert cloud_house.stores.events.list(project_id, EventQuery(), PageRequest()).items == []


@pytest.mark.parametrize(
    "event",
    [
        add_requested({**SAID, "metadata": {"score": float("inf")}}, project=PROJECT),
        add_requested({**SAID, "metadata": {"text": "\ud800"}}, project=PROJECT),
        add_requested(["Ana moved to Lisbon."], project=PROJECT),
        {**add_requested(SAID), "source": "somebody.else"},
    ],
    ids=["infinite", "half-a-character", "no-object", "foreign-source"],
)
def test_what_no_store_could_hold_is_refused(event: dict[str, Any], cloud_house: CloudHouse) -> None:
    """It does not come again."""
    assert receive(event)["status"] == "REFUSED"
    assert len(cloud_house.dead_letters.letters) == 1


@pytest.mark.parametrize("port", ["events", "ingestion", "projects"])
def test_with_a_part_down_the_event_comes_again(
    port: str, cloud_house: CloudHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is raised, so that EventBridge's retries deliver it later, and nothing is set aside."""
    event = add_requested(SAID, project=PROJECT)
    down: Any = FailingStore(getattr(cloud_house.stores, port), UnavailableError("down"))
    serve(cloud_house.with_stores(**{port: down}), monkeypatch)
    with pytest.raises(UnavailableError):
        receive(event)

    serve(cloud_house, monkeypatch)
    assert receive(event)["status"] == "PENDING"
    cloud_house.work()
    assert cloud_house.texts() == ["Ana moved to Lisbon."]
    assert cloud_house.dead_letters.letters == []
