from ricordo.domain.event import Event, EventQuery
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.paging import Page, PageRequest
from ricordo.ports.event_store import EventStore


def get_event(event_id: EventId, *, project_id: ProjectId, events: EventStore) -> Event:
    """Return one event.

    Raises:
        EventNotFoundError: no such event in this project.
    """
    return events.get(project_id, event_id)


def list_events(query: EventQuery, page: PageRequest, *, project_id: ProjectId, events: EventStore) -> Page[Event]:
    """Return one page of events, newest first."""
    return events.list(project_id, query, page)
