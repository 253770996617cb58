"""Adds that come over the event bus: `MemoryAddRequested` from `ricordo.client.<project>`, as `docs/events.md` says.

EventBridge delivers at least once and invokes asynchronously: what is raised here is tried again, so only a part that
is down is raised. What can never be taken in is set aside, and announced to its sender.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ricordo.domain.announcement import ingest_refused
from ricordo.domain.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    RequestTooLargeError,
    RicordoError,
)
from ricordo.domain.event import Event
from ricordo.domain.ids import EventId, ProjectId, event_id_for
from ricordo.runtime.add_fields import AddBody, add_request, reasons_of
from ricordo.runtime.http import read_json
from ricordo.runtime.observability import logger
from ricordo.runtime.services import Services
from ricordo.runtime.wiring import services
from ricordo.usecases.accept_add import AddRequest, accept_add

SOURCE = "ricordo.client."


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Accept the add of one event, once however often it is delivered, and have it worked on.

    Raises:
        UnavailableError: a part is down; the event comes again.
    """
    wired = services()
    project_id = ProjectId(str(event["source"]).removeprefix(SOURCE))
    event_id = event_id_for(project_id, f"eventbridge:{event['id']}")
    try:
        accepted = _accept(event, project_id, event_id, wired)
    except (AccessDeniedError, InvalidRequestError, NotFoundError, RequestTooLargeError) as error:
        _refuse(event, project_id, event_id, error, wired)
        return {"event_id": event_id, "status": "REFUSED"}
    if not accepted.status.is_final:
        wired.ingestion.start(accepted)
    logger.info("received", extra={"project_id": project_id, "event_id": event_id, "status": accepted.status.value})
    return {"event_id": event_id, "status": accepted.status.value}


def _accept(event: Mapping[str, Any], project_id: ProjectId, event_id: EventId, wired: Services) -> Event:
    if not event["source"].startswith(SOURCE):
        raise InvalidRequestError(f"The source of an add is {SOURCE}<project>.")
    wired.projects.get(project_id)
    return accept_add(
        _request(event, project_id),
        project_id=project_id,
        event_id=event_id,
        events=wired.events,
        owners=wired.owners,
        clock=wired.clock,
    )


def _request(event: Mapping[str, Any], project_id: ProjectId) -> AddRequest:
    """Read the detail by the API's rules; without a `timestamp` it was said when the event was sent."""
    try:
        body = AddBody.model_validate(read_json(json.dumps(event["detail"])))
    except ValidationError as error:
        raise InvalidRequestError(reasons_of(error)) from error
    if body.project_id not in (None, "", project_id):
        raise AccessDeniedError("The detail names another project than the source.")
    if body.timestamp is None:
        body.timestamp = event["time"]
    return add_request(body)


def _refuse(
    event: Mapping[str, Any], project_id: ProjectId, event_id: EventId, error: RicordoError, wired: Services
) -> None:
    told = {"project_id": project_id, "event_id": event_id, "eventbridge_id": event["id"], "code": error.code}
    logger.warning("event refused", extra=told)
    wired.dead_letters.put("event_refused", {**told, "source": event["source"], "message": error.message})
    wired.announcements.announce([ingest_refused(project_id, event_id, reason=error.code, at=wired.clock.now())])
