"""Background work, a little at a time: an event, a sweep, missing vectors. What goes wrong is logged, not raised."""

from ricordo.domain.errors import ProjectionError, UnavailableError
from ricordo.runtime.observability import log_fault, logger, measure, recording, span
from ricordo.runtime.services import Services
from ricordo.usecases.redrive_events import start_due_events
from ricordo.usecases.reindex import Truth, fill_some_vectors
from ricordo.usecases.sweep_project import sweep_project
from ricordo.usecases.work_on_event import LEASE_S, carry_out, hand_back

STARTS_AT_ONCE = 200


def work_once(services: Services) -> bool:
    """Carry out the event that is due first; False when none is."""
    events, clock = services.events, services.clock
    work = events.claim(now=clock.now(), lease_s=LEASE_S)
    if work is None:
        return False
    with recording() as spans, span("work_ms"):
        try:
            ended = carry_out(work, services.workbench, events=events, clock=clock)
        except Exception as fault:
            log_fault("work failed", fault, event_id=work.event.event_id)
            ended = hand_back(work, "internal_error", events=events, now=clock.now())
    status = ended.status.value if ended else "TAKEN_OVER"
    told = {"event_id": work.event.event_id, "event_type": work.event.type.value, "status": status, **spans}
    logger.info("event", extra=told)
    return True


def start_due_once(services: Services) -> int:
    """Start the workflows of events that are due and that nobody works on; return how many."""
    started = start_due_events(
        limit=STARTS_AT_ONCE, relay=services.relay, ingestion=services.ingestion, clock=services.clock
    )
    now = services.clock.now()
    ages_s = [(now - event.created_at).total_seconds() for event in started]
    measure("Seconds", OldestDueEvent=max(ages_s, default=0.0))
    if started:
        logger.info("due events started", extra={"events": len(started)})
    return len(started)


def sweep_once(services: Services) -> int:
    """Sweep every project; return how many rows were touched."""
    return sum(
        sweep_project(project, memories=services.memories, clock=services.clock) for project in services.projects.list()
    )


def fill_once(services: Services) -> int:
    """Give vectors to a few memories of each project that were stored while the model was down; return how many."""
    truth = Truth(services.memories, services.feed, services.workbench.embedder)
    filled = 0
    try:
        for project in services.projects.list():
            filled += fill_some_vectors(project.project_id, truth=truth, index=services.searching.index)
    except (UnavailableError, ProjectionError) as error:
        logger.info("vectors wait", extra={"code": error.code})
    if filled:
        logger.info("vectors filled", extra={"memories": filled})
    return filled
