from dataclasses import replace

from ricordo.domain.event import Event, EventStatus
from ricordo.ports.clock import Clock
from ricordo.ports.event_store import ClaimedWork, EventStore
from ricordo.usecases.work_on_event import end_part


def fail_work(work: ClaimedWork, error_code: str, *, events: EventStore, clock: Clock) -> Event:
    """End an event as FAILED for a reason that a later try would meet again; what was said is kept for a redrive.

    Raises:
        LeaseLostError: another worker took the event over.
    """
    failed = replace(work.event, status=EventStatus.FAILED, error=error_code)
    return end_part(work, failed, events=events, clock=clock)
