"""`ricordo events`: failed operations are found and started over."""

from pathlib import Path

import pytest
from support.builders import ANA
from support.command_line import Installation

from ricordo.domain.episode import Message, Role
from ricordo.domain.event import EventStatus
from ricordo.domain.ids import EventId, ProjectId
from ricordo.runtime.services import Services
from ricordo.runtime.settings import Settings
from ricordo.runtime.wiring import wire
from ricordo.usecases.accept_add import AddRequest, accept_add
from ricordo.usecases.fail_work import fail_work


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    """An installation with its first project."""
    installation = Installation(tmp_path / "home")
    installation.ok("keys", "create")
    return installation


def opened(home: Installation) -> Services:
    """Wire the installation in this process."""
    return wire(Settings(data_dir=home.data_dir))


def accepted(wired: Services, project_id: ProjectId, event_id: str) -> None:
    """Accept an add."""
    accept_add(
        AddRequest(ANA, (Message(Role.USER, "I live in Lisbon."),)),
        project_id=project_id,
        event_id=EventId(event_id),
        events=wired.events,
        owners=wired.owners,
        clock=wired.clock,
    )


@pytest.fixture
def project_id(home: Installation) -> ProjectId:
    """The project, with an event that failed and one that waits."""
    wired = opened(home)
    project = wired.projects.list()[0].project_id
    for event_id in ("failed", "waiting"):
        accepted(wired, project, event_id)
    work = wired.events.claim(now=wired.clock.now(), lease_s=60, named=(project, EventId("failed")))
    assert work is not None
    fail_work(work, "internal_error", events=wired.events, clock=wired.clock)
    wired.close()
    return project


def test_a_failed_event_is_listed_and_started_over(home: Installation, project_id: ProjectId) -> None:
    """GIVEN a failed event WHEN it is redriven THEN it waits for a worker, with its tries before it."""
    (listed,) = home.ok("events", "list", "--status", "failed", "--json").json()
    assert (listed["id"], listed["error"], listed["project_id"]) == ("failed", "internal_error", project_id)
    assert "failed" in home.ok("events", "list").out

    assert home.ok("events", "redrive", "failed").out.split() == ["failed"]

    wired = opened(home)
    event = wired.events.get(project_id, EventId("failed"))
    wired.close()
    assert (event.status, event.attempts, event.error) == (EventStatus.PENDING, 0, None)


def test_all_that_has_failed_is_started_over(home: Installation, project_id: ProjectId) -> None:
    """--all-failed takes what has failed and nothing else; a second time there is nothing."""
    assert home.ok("events", "redrive", "--all-failed", "--project", project_id).out.split() == ["failed"]
    assert home.ok("events", "redrive", "--all-failed").out == ""


@pytest.mark.parametrize("arguments", [["waiting"], ["unknown"], [], ["failed", "--all-failed"]])
@pytest.mark.usefixtures("project_id")
def test_what_cannot_be_started_over_is_said(home: Installation, arguments: list[str]) -> None:
    """An event that has not failed, an unknown one, and an unclear wish are one line and no change."""
    refused = home.run("events", "redrive", *arguments)
    assert refused.code == 1
    assert refused.err.startswith("ricordo: ")
    assert home.run("events", "list", "--status", "lost").code == 1
    (waiting,) = home.ok("events", "list", "--status", "pending", "--json").json()
    assert waiting["id"] == "waiting"
