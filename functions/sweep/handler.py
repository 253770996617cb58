"""What the scheduler calls every few minutes, so that nothing that was accepted stays undone."""

from typing import Any

from ricordo.runtime.tasks import fill_once, start_due_once
from ricordo.runtime.wiring import services


def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Start events that nobody works on: not started, handed back, or left by an execution that died."""
    return {"started": start_due_once(services())}


def vectors_handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Give vectors to memories that were stored while the embedding model was down."""
    return {"filled": fill_once(services())}
