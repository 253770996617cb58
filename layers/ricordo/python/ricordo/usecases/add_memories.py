from ricordo.domain.errors import UnavailableError
from ricordo.domain.event import Event
from ricordo.domain.ids import EventId, ProjectId
from ricordo.ports.clock import Clock
from ricordo.ports.event_store import EventStore
from ricordo.ports.ingestion import Ingestion
from ricordo.ports.owner_store import OwnerStore
from ricordo.usecases.accept_add import AddRequest, accept_add
from ricordo.usecases.work_on_event import Workbench, work_on_event

SYNCHRONOUS_CHARS = 500_000


def add_memories(  # noqa: PLR0913  an add touches nearly everything
    request: AddRequest,
    *,
    project_id: ProjectId,
    event_id: EventId,
    events: EventStore,
    owners: OwnerStore,
    ingestion: Ingestion,
    workbench: Workbench,
    clock: Clock,
    synchronous_messages: int,
) -> Event:
    """Accept an add; a verbatim one of at most `synchronous_messages` is also carried out before the answer.

    Returns:
        The event: ended for a synchronous add, PENDING for one left to the background.

    Raises:
        MissingScopeError: the scope is empty.
        UnavailableError: the work cannot go on now; the add is accepted and goes on in the background.
    """
    event = accept_add(request, project_id=project_id, event_id=event_id, events=events, owners=owners, clock=clock)
    if event.status.is_final:
        return event
    if not _is_soon_done(request, synchronous_messages):
        ingestion.start(event)
        return event
    ended = work_on_event(workbench, events=events, clock=clock, named=(project_id, event_id))
    if ended is not None and ended.error is not None:
        raise UnavailableError("The memories could not be stored now; they are kept and will be stored later.")
    return ended or events.get(project_id, event_id)


def _is_soon_done(request: AddRequest, messages: int) -> bool:
    """Say whether the caller may wait for it: verbatim, few messages, and an answer that is not huge."""
    is_verbatim = request.options.get("infer") is False
    chars = sum(len(message.content) for message in request.messages)
    return is_verbatim and len(request.messages) <= messages and chars <= SYNCHRONOUS_CHARS
