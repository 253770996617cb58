"""Write how far the deletion has come: to its end, or as far as one execution goes."""

from typing import Any

from ricordo.domain.event_progress import with_removals
from ricordo.runtime.observability import logger
from ricordo.runtime.wiring import services
from ricordo.runtime.workflow_steps import taken_up
from ricordo.usecases.work_on_event import end_part


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Finish; what is left is another execution's."""
    wired = services()
    work = taken_up(event, wired)
    changed = with_removals(work.event, event["removal"]["removed"], is_last=event["removal"]["is_done"])
    ended = end_part(work, changed, events=wired.events, clock=wired.clock)
    if ended.goes_on:
        wired.ingestion.start(ended)
    logger.info("event", extra={"event_id": ended.event_id, "status": ended.status.value})
    return {"status": ended.status.value}
