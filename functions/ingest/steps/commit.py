"""Store the facts of a page as memories."""

from typing import Any

from ricordo.runtime.wiring import services
from ricordo.runtime.workflow_steps import embeddings_from, facts_of, page_of, taken_up
from ricordo.usecases.commit_facts import commit_facts
from ricordo.usecases.work_on_event import episode_of_work


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Commit what is wanted; tell, by ordinal, why the rest was refused."""
    wired = services()
    work = taken_up(event, wired)
    facts, _ = facts_of(work, wired)
    page, wanted, first = page_of(event), event["wanted"], work.event.facts_done
    embeddings = embeddings_from(event.get("embeddings"), len(page))
    refused = commit_facts(
        episode_of_work(work),
        {first + place: facts[place] for place in wanted},
        [embeddings[place - page.start] for place in wanted],
        lease=work.lease,
        memories=wired.memories,
    )
    repeated = {first + place: "duplicate" for place in page if place not in wanted}
    return {"refused": {str(ordinal): reason for ordinal, reason in sorted({**repeated, **refused}.items())}}
