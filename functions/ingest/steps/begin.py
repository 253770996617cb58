"""Take an accepted add on, unless another execution has it or it has ended."""

from typing import Any

from ricordo.runtime.wiring import services
from ricordo.runtime.workflow_steps import begun


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Claim the event named."""
    return begun(event, services())
