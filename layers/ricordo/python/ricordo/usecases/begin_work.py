from dataclasses import replace

from ricordo.domain.announcement import ingest_failed
from ricordo.domain.ids import EventId, ProjectId
from ricordo.ports.announcements import Announcements
from ricordo.ports.clock import Clock
from ricordo.ports.event_store import ClaimedWork, EventStore
from ricordo.usecases.work_on_event import MAX_ATTEMPTS, hand_back


def begin_work(
    project_id: ProjectId,
    event_id: EventId,
    *,
    lease_s: float,
    events: EventStore,
    announcements: Announcements,
    clock: Clock,
) -> ClaimedWork | None:
    """Claim an event for a workflow; None when it has ended or is at work elsewhere.

    One that was left by all its tries, without any of them saying why, ends as FAILED, which is announced.

    Raises:
        UnavailableError: the store or the bus is down.
    """
    work = events.claim(now=clock.now(), lease_s=lease_s, named=(project_id, event_id))
    if work is not None and work.event.attempts > MAX_ATTEMPTS:
        failed = replace(work.event, error="gave_up", updated_at=clock.now())
        announcements.announce([ingest_failed(failed, epoch=work.lease.epoch)])
        hand_back(work, "gave_up", events=events, now=clock.now())
        return None
    return work
