"""Decide what becomes of each fact of a page."""

from typing import Any

from ricordo.runtime.wiring import services
from ricordo.runtime.workflow_steps import facts_of, page_of, taken_up
from ricordo.usecases.reconcile_facts import reconcile_facts


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Name the facts, by their places in the part, that are to be stored."""
    wired = services()
    facts, _ = facts_of(taken_up(event, wired), wired)
    return {"wanted": reconcile_facts(facts, page_of(event))}
