"""Write that a run is over."""

from typing import Any

from ricordo.runtime.wiring import services


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Write the end of the run; count its projects, and those in which it stopped short."""
    wired, run_id = services(), event["run"]["run_id"]
    wired.consolidations.finish(run_id, at=wired.clock.now())
    projects = wired.consolidations.get(run_id).projects
    stopped = sum(project.error is not None for project in projects)
    return {"run_id": run_id, "projects": len(projects), "stopped_short": stopped}
