"""Remove a page of what is hidden."""

from typing import Any

from ricordo.runtime.wiring import services
from ricordo.runtime.workflow_steps import taken_up
from ricordo.usecases.work_on_event import REMOVALS_A_STEP

PAGES_AN_EXECUTION = 1_000  # a history of the STANDARD kind holds 25,000 entries, of which a page makes seven


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Remove, and tell how many in all by now, in how many pages, and whether there may be more for this execution."""
    wired = services()
    work = taken_up(event, wired)
    count = wired.memories.remove_hidden(work.event.project_id, limit=REMOVALS_A_STEP, now=wired.clock.now())
    pages = event["pages"] + 1
    more = bool(count) and pages < PAGES_AN_EXECUTION
    return {"removed": event["removed"] + count, "pages": pages, "more": more, "is_done": not count}
