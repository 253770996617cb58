"""List the scopes of a project that have changed, a page at a time."""

from typing import Any

from functions.consolidate.state import State, going_on, project_of, report_of
from ricordo.domain.moments import iso
from ricordo.domain.paging import PageRequest, Place
from ricordo.runtime.wiring import services
from ricordo.usecases.consolidate_scope import changed_scopes

PAGE = 50  # with ids of the greatest length still less than half of what a state may have
BATCH = 25


def handler(event: dict[str, Any], _context: object) -> State:
    """Name the next scopes in batches, each for one step, and where to go on."""
    wired, project_id = services(), project_of(event)
    changed, page = changed_scopes(
        project_id,
        _page(event.get("page")),
        since=wired.consolidations.consolidated_through(project_id),
        owners=wired.owners,
    )
    scopes = [{"type": one.owner.type.value, "id": one.owner.id, "changed_at": iso(one.changed_at)} for one in changed]
    batches = [
        {"run": event["run"], "project_id": project_id, "scopes": scopes[start : start + BATCH]}
        for start in range(0, len(scopes), BATCH)
    ]
    return going_on(event, report_of(event), batches=batches, page=_spelled(page))


def _page(spelled: dict[str, Any] | None) -> PageRequest:
    if spelled is None:
        return PageRequest(1, PAGE)
    place = Place(spelled["after"], spelled["total"]) if spelled["after"] is not None else None
    return PageRequest(spelled["number"], PAGE, place)


def _spelled(page: PageRequest | None) -> dict[str, Any] | None:
    if page is None:
        return None
    after, total = (page.place.after, page.place.total) if page.place else (None, 0)
    return {"number": page.number, "after": after, "total": total}
