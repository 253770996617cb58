"""What became of accepted operations."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.api.caller import Event, Reader, Wired, decoded, own_url
from functions.api.views import event_view, page_view
from ricordo.domain.errors import EventNotFoundError, InvalidRequestError
from ricordo.domain.event import EventQuery, EventType
from ricordo.domain.ids import EventId, as_uuid
from ricordo.domain.limits import MAX_EVENT_PAGE_SIZE, MAX_PAGE
from ricordo.domain.moments import parse_moment
from ricordo.domain.paging import PageRequest
from ricordo.usecases.read_events import get_event, list_events

router = Router()
_EVENT_TYPES = f"One of {', '.join(EventType)}"


@router.get("/v1/event/<event_id>", tags=["events"], operation_id="getEvent", summary="Get an event")
def get(event_id: str, caller: Reader, wired: Wired) -> dict[str, Any]:
    """Show an event; poll it until its status is SUCCEEDED or FAILED."""
    canonical = as_uuid(decoded(event_id))
    if canonical is None:
        raise EventNotFoundError("Event not found or you don't have permission to access it.")
    return event_view(get_event(EventId(canonical), project_id=caller.project_id, events=wired.events))


@router.get("/v1/events", tags=["events"], operation_id="listEvents", summary="List events, newest first")
def list_(
    caller: Reader,
    wired: Wired,
    event: Event,
    event_type: Annotated[str | None, Query(description=_EVENT_TYPES)] = None,
    start_date: Annotated[str | None, Query()] = None,
    end_date: Annotated[str | None, Query()] = None,
    page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1,
    page_size: Annotated[int, Query(ge=1, le=MAX_EVENT_PAGE_SIZE)] = 50,
) -> dict[str, Any]:
    """List the events of the project."""
    query = EventQuery(
        type=_event_type(event_type),
        since=parse_moment(start_date, "start_date").start if start_date else None,
        before=parse_moment(end_date, "end_date").end if end_date else None,
    )
    found = list_events(query, PageRequest(page, page_size), project_id=caller.project_id, events=wired.events)
    kept = {"event_type": event_type, "start_date": start_date, "end_date": end_date}
    return page_view(
        found, event_view, url=own_url(event), query={name: value for name, value in kept.items() if value}
    )


def _event_type(text: str | None) -> EventType | None:
    if not text:
        return None
    try:
        return EventType(text.upper())
    except ValueError as error:
        raise InvalidRequestError(f"event_type must be one of {', '.join(EventType)}.") from error
