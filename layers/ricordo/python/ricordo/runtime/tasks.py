"""Background work, a little at a time: an event, a sweep, missing vectors. What goes wrong is logged, not raised."""

from ricordo.domain.errors import ProjectionError, UnavailableError
from ricordo.runtime.observability import log_fault, logger, recording, span
from ricordo.runtime.services import Services
from ricordo.usecases.reindex import Truth, fill_some_vectors
from ricordo.usecases.sweep_project import sweep_project
from ricordo.usecases.work_on_event import LEASE_S, carry_out, hand_back


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
