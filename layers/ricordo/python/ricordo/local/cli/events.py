"""`ricordo events`: see what became of accepted operations, and start over what has failed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.moments import iso
from ricordo.domain.paging import PageRequest
from ricordo.local.cli.session import opened_services
from ricordo.local.cli.terminal import note, show_json

if TYPE_CHECKING:
    from ricordo.domain.event import Event, EventStatus
    from ricordo.ports.event_store import EventStore
    from ricordo.runtime.services import Services

_PAGE = 100

app = typer.Typer(help="List accepted operations, and start over those that have failed.", no_args_is_help=True)
GivenEvents = Annotated[list[str] | None, typer.Argument(metavar="EVENT_ID...", help="Events that have failed.")]
WantedStatus = Annotated[str | None, typer.Option(help="Only events that are pending, running, succeeded or failed.")]
GivenProject = Annotated[str | None, typer.Option("--project", help="A project's id; without it, all projects.")]


@app.command("list")
def list_(
    *,
    status: WantedStatus = None,
    project: GivenProject = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many of each project.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List events, newest first."""
    wanted = None if status is None else _status(status)
    with opened_services() as services:
        found = [
            event
            for project_id in _projects(services, project)
            for event in _newest(services.events, project_id, wanted, limit)
        ]
    if as_json:
        show_json([_fields(event) for event in found])
        return
    row = "{:<36}  {:<11}  {:<9}  {:<20}  {:>5}  {}"
    typer.echo(row.format("ID", "TYPE", "STATUS", "CREATED", "TRIES", "REASON"))
    for event in found:
        created = iso(event.created_at)[:19] + "Z"
        typer.echo(row.format(event.event_id, event.type, event.status, created, event.attempts, event.error or "-"))


@app.command()
def redrive(
    event_ids: GivenEvents = None,
    *,
    failed: Annotated[bool, typer.Option("--all-failed", help="All events that have failed.")] = False,
    project: GivenProject = None,
) -> None:
    """Have failed events worked on again, from where they came to."""
    if bool(event_ids) == failed:
        raise InvalidRequestError("Name the events to redrive, or say --all-failed.")
    from ricordo.usecases.redrive_events import redrive_event  # noqa: PLC0415  heavy

    with opened_services() as services:
        chosen = list(_failed(services, project)) if failed else list(_named(services, project, event_ids or []))
        for project_id, event_id in chosen:
            redrive_event(
                project_id, event_id, relay=services.relay, ingestion=services.ingestion, clock=services.clock
            )
            typer.echo(event_id)
    note(f"Started {len(chosen)} again.")


def _projects(services: "Services", project: str | None) -> list[ProjectId]:
    if project is not None:
        return [services.projects.get(ProjectId(project)).project_id]
    return [one.project_id for one in services.projects.list()]


def _status(text: str) -> "EventStatus":
    from ricordo.domain.event import EventStatus  # noqa: PLC0415  heavy

    if text.upper() not in set(EventStatus):
        raise InvalidRequestError(f"--status must be one of {', '.join(EventStatus).lower()}.")
    return EventStatus(text.upper())


def _newest(events: "EventStore", project_id: ProjectId, status: "EventStatus | None", limit: int) -> "list[Event]":
    found: list[Event] = []
    for event in _all(events, project_id):
        if len(found) == limit:
            break
        if status is None or event.status is status:
            found.append(event)
    return found


def _all(events: "EventStore", project_id: ProjectId) -> "Iterator[Event]":
    from ricordo.domain.event import EventQuery  # noqa: PLC0415  heavy

    page = PageRequest(1, _PAGE)
    while (listed := events.list(project_id, EventQuery(), page)).items:
        yield from listed.items
        page = PageRequest(page.number + 1, _PAGE, listed.end)


def _failed(services: "Services", project: str | None) -> Iterator[tuple[ProjectId, EventId]]:
    for project_id in _projects(services, project):
        for event in _all(services.events, project_id):
            if event.status.value == "FAILED":
                yield project_id, event.event_id


def _named(services: "Services", project: str | None, event_ids: list[str]) -> Iterator[tuple[ProjectId, EventId]]:
    """Find which project each event is of.

    Raises:
        InvalidRequestError: there are several projects, and none was named.
    """
    projects = _projects(services, project)
    if len(projects) != 1:
        raise InvalidRequestError("There are several projects: say which with --project.")
    for event_id in event_ids:
        yield projects[0], EventId(event_id)


def _fields(event: "Event") -> dict[str, object]:
    return {
        "id": event.event_id,
        "project_id": event.project_id,
        "type": event.type.value,
        "status": event.status.value,
        "created_at": iso(event.created_at),
        "attempts": event.attempts,
        "error": event.error,
    }
