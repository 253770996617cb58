"""Settle what a failed step leaves: the event is tried again later, or is FAILED and can be redriven."""

from typing import Any

from ricordo.runtime.failed_steps import settle_failure
from ricordo.runtime.wiring import services


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Write the failure to the event, if it is still this execution's."""
    settled = settle_failure(event, services())
    return {"status": settled.status.value if settled else "TAKEN_OVER"}
