"""Write how far the deletion has come: to its end, or as far as one execution goes."""

from typing import Any

from ricordo.domain.event_progress import with_removals
from ricordo.runtime.wiring import services
from ricordo.runtime.workflow_steps import finished, taken_up


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Finish; what is left is another execution's."""
    wired = services()
    work = taken_up(event, wired)
    changed = with_removals(work.event, event["removal"]["removed"], is_last=event["removal"]["is_done"])
    return {"status": finished(work, changed, wired).status.value}
