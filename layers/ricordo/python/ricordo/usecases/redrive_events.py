from collections.abc import Sequence

from ricordo.domain.event import Event
from ricordo.domain.ids import EventId, ProjectId
from ricordo.ports.clock import Clock
from ricordo.ports.ingestion import Ingestion
from ricordo.ports.work_relay import WorkRelay


def redrive_event(
    project_id: ProjectId, event_id: EventId, *, relay: WorkRelay, ingestion: Ingestion, clock: Clock
) -> Event:
    """Have a failed event worked on again.

    Raises:
        EventNotFoundError: no such event in this project.
        ConflictError: it has not failed.
        UnavailableError: it is due again, and starts with the next sweep.
    """
    event = relay.redrive(project_id, event_id, now=clock.now())
    ingestion.start(event)
    return event


def start_due_events(*, limit: int, relay: WorkRelay, ingestion: Ingestion, clock: Clock) -> Sequence[Event]:
    """Start the work on events that are due and that nobody works on, so that nothing accepted stays; return them.

    Raises:
        UnavailableError: the others wait for the next call.
    """
    due = relay.due(now=clock.now(), limit=limit)
    for event in due:
        ingestion.start(event)
    return due
