"""Find the facts in the part of the episode that is next, and keep them."""

from datetime import timedelta
from typing import Any

from ricordo.domain.episode_parts import parts_of
from ricordo.runtime.observability import logger
from ricordo.runtime.wiring import services
from ricordo.runtime.workflow_steps import STEP_LEASE_S, facts_of, lease_from
from ricordo.usecases.work_on_event import FACTS_A_STEP, episode_of_work

LONGEST_LEASE_S = 300.0  # no execution of the EXPRESS kind lives longer


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Extract, and cut the facts into pages for the steps that follow."""
    wired = services()
    work = wired.relay.resume(lease_from(event["lease"]))
    messages = episode_of_work(work).messages
    said = sum(len(messages[place].content) for place in parts_of(messages)[work.event.parts_done])
    lease_s = min(STEP_LEASE_S + wired.workbench.pace.longest_s(said), LONGEST_LEASE_S)
    wired.events.renew(work.lease, until=wired.clock.now() + timedelta(seconds=lease_s))
    facts, _ = facts_of(work, wired)
    logger.info("extracted", extra={"event_id": work.event.event_id, "facts": len(facts)})
    starts = range(0, len(facts), FACTS_A_STEP)
    return {"pages": [{"first": first, "count": min(FACTS_A_STEP, len(facts) - first)} for first in starts]}
