"""Mend where index and graph differ from the truth."""

from dataclasses import asdict, replace
from typing import Any

from functions.consolidate.state import State, going_on, project_of, report_of
from ricordo.runtime.wiring import services
from ricordo.usecases.repair_drift import Part, RepairPlace, repair_drift

PAGES = 50


def handler(event: dict[str, Any], _context: object) -> State:
    """Compare and mend some pages; say where to go on."""
    wired = services()
    report = report_of(event)
    place = _place(event.get("place"))
    for _ in range(PAGES):
        repaired = repair_drift(project_of(event), place, projections=wired.projections, clock=wired.clock)
        report = replace(report, index=report.index + repaired.index, graph=report.graph + repaired.graph)
        if repaired.place is None:
            return going_on(event, report, place=None)
        place = repaired.place
    return going_on(event, report, place=asdict(place))


def _place(spelled: dict[str, Any] | None) -> RepairPlace:
    return RepairPlace() if spelled is None else RepairPlace(**{**spelled, "part": Part(spelled["part"])})
