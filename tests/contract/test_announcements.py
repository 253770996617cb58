"""What every way to announce does."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from support.aws_guard import inject
from support.builders import ANA, PROJECT, an_event
from support.clocks import START
from support.moto_cloud import MotoCloud, moto_cloud

from ricordo.adapters.builtin.announcements import KeptAnnouncements
from ricordo.adapters.eventbridge.announcements import EventBridgeAnnouncements
from ricordo.domain.announcement import Announcement, AnnouncementType, ingest_failed, ingest_refused
from ricordo.domain.errors import RicordoError, UnavailableError
from ricordo.domain.ids import EventId, MemoryId
from ricordo.ports.announcements import Announcements

BUS = "ricordo-test"


class Board(NamedTuple):
    """A way to announce, and the ids of what was."""

    announcements: Announcements
    read: Callable[[], list[str]]


def an_announcement(number: int = 1) -> Announcement:
    """Build an announcement of Ana's."""
    at = START + timedelta(seconds=number)
    kind = AnnouncementType.MEMORY_ADDED
    return Announcement(kind, PROJECT, EventId("event-1"), at, ANA, MemoryId(f"m{number}"), 1)


def heard_on(cloud: MotoCloud) -> Callable[[], list[Mapping[str, Any]]]:
    """Make the bus, with a queue that hears everything on it."""
    events = cloud.client("events")
    arn = events.create_event_bus(Name=BUS)["EventBusArn"]
    url = cloud.sqs.create_queue(QueueName="heard")["QueueUrl"]
    queue = cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="all", EventBusName=BUS, EventPattern=json.dumps({"source": ["ricordo"]}))
    events.put_targets(Rule="all", EventBusName=BUS, Targets=[{"Id": "queue", "Arn": queue}])
    assert arn

    def read() -> list[Mapping[str, Any]]:
        heard = []
        while messages := cloud.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            heard += [json.loads(message["Body"]) for message in messages]
        return heard

    return read


@pytest.fixture
def cloud() -> Iterator[MotoCloud]:
    """An account."""
    with moto_cloud() as opened:
        yield opened


@pytest.fixture(params=["memory", "eventbridge"])
def board(request: pytest.FixtureRequest) -> Iterator[Board]:
    """Every way to announce, nothing announced yet."""
    if request.param == "memory":
        kept = KeptAnnouncements()
        yield Board(kept, lambda: [one.announcement_id for one in kept.kept])
        return
    opened: MotoCloud = request.getfixturevalue("cloud")
    read = heard_on(opened)
    announcements = EventBridgeAnnouncements(opened.client("events"), BUS, sleep=lambda _s: None)
    yield Board(announcements, lambda: [event["detail"]["id"] for event in read()])


def test_all_is_announced(board: Board) -> None:
    """However many there are at once; nothing at all is nothing said."""
    told = [an_announcement(number) for number in range(23)]

    board.announcements.announce(told)
    board.announcements.announce([])

    assert sorted(board.read()) == sorted(one.announcement_id for one in told)


def test_what_is_told_again_has_the_same_id(board: Board) -> None:
    """It is told as often as asked for."""
    board.announcements.announce([an_announcement()])
    board.announcements.announce([an_announcement()])

    first, second = board.read()
    assert first == second


def test_a_failure_is_told_once_each_time_an_event_was_worked_on() -> None:
    """After a redrive it is another one; telling the same again is not, whenever it is told."""
    event = an_event("event-2", error="gave_up")
    later = replace(event, updated_at=START + timedelta(hours=1))

    first, again, redriven = (
        ingest_failed(one, epoch=epoch).announcement_id for one, epoch in ((event, 8), (later, 8), (later, 9))
    )

    assert first == again != redriven


def test_memory_holds_the_last_thousand() -> None:
    """What a process keeps does not grow without end."""
    kept = KeptAnnouncements()
    kept.announce([an_announcement(number) for number in range(1002)])

    assert [one.memory_id for one in kept.kept] == [f"m{number}" for number in range(2, 1002)]


def test_an_event_on_the_bus_names_ids_and_owners_and_nothing_more(cloud: MotoCloud) -> None:
    """Its type is the detail-type; what is not known is left out."""
    read = heard_on(cloud)
    failed = ingest_failed(an_event("event-2", error="gave_up", completed_at=START))
    refused = ingest_refused(PROJECT, EventId("event-3"), reason="invalid_request", at=START)

    EventBridgeAnnouncements(cloud.client("events"), BUS).announce([an_announcement(), failed, refused])

    events = {event["detail"].pop("id"): event for event in read()}
    assert {event["source"] for event in events.values()} == {"ricordo"}
    added, broken, invalid = (events[one.announcement_id] for one in (an_announcement(), failed, refused))
    assert (added["detail-type"], broken["detail-type"]) == ("MemoryAdded", "IngestFailed")
    of_project = {"project_id": PROJECT}
    assert added["detail"] == of_project | {
        "event_id": "event-1", "memory_id": "m1", "version": 1, "user_id": "ana", "at": "2026-03-09T12:00:01Z",
    }  # fmt: skip
    assert broken["detail"] == of_project | {
        "event_id": "event-2", "reason": "gave_up", "user_id": "ana", "at": "2026-03-09T12:00:00Z",
    }  # fmt: skip
    assert invalid["detail"] == of_project | {
        "event_id": "event-3", "reason": "invalid_request", "at": "2026-03-09T12:00:00Z",
    }  # fmt: skip


class Bus:
    """A client whose bus answers entries as it is told to, one answer a request; then it takes all."""

    def __init__(self, *codes: dict[int, str]) -> None:
        self.requests: list[list[dict[str, Any]]] = []
        self._codes = list(codes)

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803  as boto3 spells it
        """Take entries."""
        self.requests.append(Entries)
        codes = self._codes.pop(0) if self._codes else {}
        answers = [{"ErrorCode": codes[place]} if place in codes else {"EventId": "1"} for place in range(len(Entries))]
        return {"FailedEntryCount": len(codes), "Entries": answers}


def test_only_what_the_bus_did_not_take_is_put_again() -> None:
    """After a pause that grows; the others are told once."""
    bus, pauses = Bus({1: "ThrottlingException", 2: "InternalFailure"}, {0: "ThrottlingException"}), list[float]()

    EventBridgeAnnouncements(bus, BUS, sleep=pauses.append).announce([an_announcement(number) for number in range(3)])

    entries = bus.requests[0]
    assert bus.requests == [entries, entries[1:], entries[1:2]]
    assert pauses == [0.1, 0.4]


def test_a_bus_that_takes_too_little_is_down() -> None:
    """It is asked a few times; then all may be told again."""
    bus = Bus(*[{0: "ThrottlingException"}] * 9)

    with pytest.raises(UnavailableError):
        EventBridgeAnnouncements(bus, BUS, sleep=lambda _s: None).announce([an_announcement()])

    assert len(bus.requests) == 3


@pytest.mark.parametrize(
    ("code", "error"), [("NotAuthorizedForSourceException", UnavailableError), ("MalformedDetail", RicordoError)]
)
def test_an_entry_that_is_refused_is_not_put_again(code: str, error: type[Exception]) -> None:
    """A right that is missing may be given; a fault of the program stays one."""
    bus = Bus({0: code})

    with pytest.raises(error) as raised:
        EventBridgeAnnouncements(bus, BUS).announce([an_announcement()])

    assert raised.type is error
    assert len(bus.requests) == 1


@pytest.mark.parametrize("code", ["InternalException", "ThrottlingException", "AccessDeniedException"])
def test_a_request_that_is_refused_is_told(cloud: MotoCloud, code: str) -> None:
    """Whatever a bus answers that is not the program's fault, all may be told again."""
    announcements = EventBridgeAnnouncements(cloud.client("events"), BUS)
    with inject("PutEvents", code, times=9), pytest.raises(UnavailableError):
        announcements.announce([an_announcement()])
