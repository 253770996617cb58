"""Background work: one event, or one sweep, at a time. Whatever goes wrong is logged and does not end the worker."""

from ricordo.runtime.observability import log_fault, logger, recording, span
from ricordo.runtime.wiring import Services
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
