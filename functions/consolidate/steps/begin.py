"""Begin a run, or take up the one of this time that was begun before."""

from typing import Any

from ricordo.domain.moments import iso, parse_moment
from ricordo.runtime.wiring import services


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Write the record of the run, which is named by the time it was scheduled for; else by when it was started."""
    wired = services()
    run_id = iso(parse_moment(event["input"].get("at") or event["started_at"], "at").start)
    run = wired.consolidations.begin(run_id, at=wired.clock.now())
    return {"run": {"run_id": run_id, "started_at": iso(run.started_at), "holder": event["holder"]}, "after": ""}
