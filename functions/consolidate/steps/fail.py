"""Write that a run stopped short."""

from typing import Any

from ricordo.runtime.wiring import services


def handler(event: dict[str, Any], _context: object) -> None:
    """Write the name of the error to the run's record."""
    wired = services()
    wired.consolidations.finish(event["run"]["run_id"], at=wired.clock.now(), error=event["error"]["Error"])
