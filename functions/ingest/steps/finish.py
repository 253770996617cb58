"""Write how far the add has come: to its end, or to the next part of a long episode."""

from typing import Any

from ricordo.domain.episode_parts import parts_of
from ricordo.domain.event_progress import with_part_done
from ricordo.runtime.wiring import services
from ricordo.runtime.workflow_steps import facts_of, finished, taken_up
from ricordo.usecases.work_on_event import episode_of_work


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Finish; what is left of the episode is another execution's."""
    wired = services()
    work = taken_up(event, wired)
    facts, notes = facts_of(work, wired)
    refused = {int(ordinal): reason for page in event["outcomes"] for ordinal, reason in page["refused"].items()}
    is_last = work.event.parts_done + 1 >= len(parts_of(episode_of_work(work).messages))
    changed = with_part_done(work.event, facts, refused, notes, is_last=is_last)
    return {"status": finished(work, changed, wired).status.value}
