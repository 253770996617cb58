"""Remove what has ended in a project."""

from dataclasses import replace
from typing import Any

from functions.consolidate.state import State, going_on, project_of, report_of
from ricordo.runtime.wiring import services
from ricordo.usecases.sweep_project import sweep_some

ROUNDS = 10


def handler(event: dict[str, Any], _context: object) -> State:
    """Remove some of it; say whether there may be more."""
    wired = services()
    project = wired.projects.get(project_of(event))
    swept = 0
    more = True
    for _ in range(ROUNDS):
        some = sweep_some(project, memories=wired.memories, clock=wired.clock)
        swept += some
        more = some > 0
        if not more:
            break
    report = report_of(event)
    return going_on(event, replace(report, swept=report.swept + swept), more=more)
