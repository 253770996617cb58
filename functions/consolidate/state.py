"""What the steps hand on: ids, places and counts, so that it stays small whatever there is to do."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ricordo.domain.consolidation import ProjectReport, report_fields, report_from
from ricordo.domain.ids import ProjectId

State = dict[str, Any]


def project_of(event: Mapping[str, Any]) -> ProjectId:
    """Return whose turn it is."""
    return ProjectId(event["project_id"])


def started_at(event: Mapping[str, Any]) -> datetime:
    """Return when the run began."""
    return datetime.fromisoformat(event["run"]["started_at"])


def report_of(event: Mapping[str, Any]) -> ProjectReport:
    """Return what was done in the project by now, with what the last scopes add to it."""
    report = report_from(event["report"]) if "report" in event else ProjectReport(project_of(event))
    done = event.get("done", [])
    return replace(
        report,
        scopes=report.scopes + sum(one["scopes"] for one in done),
        failed=report.failed + sum(one["failed"] for one in done),
        filled=report.filled + sum(one["filled"] for one in done),
    )


def going_on(event: Mapping[str, Any], report: ProjectReport, **more: Any) -> State:
    """Return what the next step of the project is given."""
    return {"run": event["run"], "project_id": event["project_id"], "report": report_fields(report), **more}
