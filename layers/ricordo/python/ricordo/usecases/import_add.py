from ricordo.domain.errors import EventNotFoundError
from ricordo.domain.event import Event
from ricordo.domain.ids import ProjectId, event_id_for
from ricordo.ports.clock import Clock
from ricordo.ports.event_store import EventStore
from ricordo.ports.ingestion import Ingestion
from ricordo.ports.owner_store import OwnerStore
from ricordo.usecases.accept_add import AddRequest, accept_add


def import_add(
    request: AddRequest,
    *,
    project_id: ProjectId,
    fingerprint: str,
    events: EventStore,
    owners: OwnerStore,
    ingestion: Ingestion,
    clock: Clock,
) -> tuple[Event, bool]:
    """Take an add of an import in, once: its event is named after `fingerprint`, a digest of what it says.

    Returns:
        The event as it stands, and whether it was taken in just now.

    Raises:
        MissingScopeError: the scope is empty.
    """
    event_id = event_id_for(project_id, f"import:{fingerprint}")
    try:
        event, is_new = events.get(project_id, event_id), False
    except EventNotFoundError:
        event = accept_add(request, project_id=project_id, event_id=event_id, events=events, owners=owners, clock=clock)
        is_new = True
    if not event.attempts:  # also where an earlier import ended before it came to this
        ingestion.start(event)
    return event, is_new
