"""Give the facts of a page their vectors."""

from typing import Any

from ricordo.runtime.wiring import services
from ricordo.runtime.workflow_steps import facts_of, page_of, taken_up, vectors_state
from ricordo.usecases.embed_facts import embed_facts


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Embed; with the model down this fails, and the workflow goes on without vectors."""
    wired = services()
    work = taken_up(event, wired)
    facts, _ = facts_of(work, wired)
    some = [facts[place] for place in page_of(event)]
    return vectors_state(embed_facts(some, project_id=work.event.project_id, embedder=wired.workbench.embedder))
