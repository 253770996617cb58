"""Write what was done in a project, however it ended."""

from dataclasses import replace
from typing import Any

from functions.consolidate.state import report_of, started_at
from ricordo.domain.consolidation import report_fields
from ricordo.runtime.observability import logger
from ricordo.runtime.wiring import services


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Write the report; changes count as taken in if nothing failed."""
    error = event["error"]["Error"] if "error" in event else None
    report = replace(report_of(event), error=error)
    through = started_at(event) if error is None and not report.failed else None
    services().consolidations.report(event["run"]["run_id"], report, through=through)
    told = report_fields(report)
    logger.info("consolidated", extra={"run_id": event["run"]["run_id"], **told})
    return told
