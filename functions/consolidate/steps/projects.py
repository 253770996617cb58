"""List projects, a page at a time."""

from typing import Any

from ricordo.runtime.wiring import services

PAGE = 100


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Name the next projects, by id, that this run has not done yet, and where to go on."""
    wired, run = services(), event["run"]
    named = sorted(project.project_id for project in wired.projects.list())
    page = [project_id for project_id in named if project_id > event["after"]][:PAGE]
    done = {one.project_id for one in wired.consolidations.get(run["run_id"]).projects if one.error is None}
    projects = [{"run": run, "project_id": project_id} for project_id in page if project_id not in done]
    return {"run": run, "projects": projects, "after": page[-1] if page and page[-1] != named[-1] else None}
