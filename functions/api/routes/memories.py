"""Add, search and list: the routes of mem0's v3."""

import json
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.api.caller import Event, Reader, Wired, Writer, new_event_id, own_url
from functions.api.models import ListBody, SearchBody
from functions.api.requests import list_filter, search_filter
from functions.api.views import memory_view, page_view, projected, results_view, scored_view
from ricordo.domain.limits import MAX_CURSOR_CHARS, MAX_PAGE, MAX_PAGE_SIZE
from ricordo.domain.paging import PageRequest
from ricordo.runtime.add_fields import AddBody, add_request
from ricordo.runtime.cursors import Cursor, CursorSigner
from ricordo.runtime.http import require_project
from ricordo.runtime.key_secret import peppers_of
from ricordo.runtime.observability import logger, recording, span
from ricordo.usecases.add_memories import add_memories
from ricordo.usecases.list_memories import ListRequest, list_memories
from ricordo.usecases.search_memories import SearchRequest, search_memories

router = Router()

DEFAULT_TOP_K = 10
DEFAULT_THRESHOLD = 0.1
DEFAULT_PAGE_SIZE = 100


@router.post("/v3/memories/add", tags=["memories"], operation_id="addMemories", summary="Remember what was said")
def add(body: AddBody, caller: Writer, wired: Wired, event: Event) -> dict[str, Any]:
    """Take messages in; an inferred or long add goes on in the background under its event."""
    require_project(caller, body.project_id)
    request = add_request(body)
    ended = add_memories(
        request,
        project_id=caller.project_id,
        event_id=new_event_id(caller, event),
        events=wired.events,
        owners=wired.owners,
        ingestion=wired.ingestion,
        workbench=wired.workbench,
        clock=wired.clock,
        synchronous_messages=wired.settings.synchronous_messages,
    )
    if not ended.status.is_final:
        return {
            "message": "Memory processing has been queued for background execution",
            "status": "PENDING",
            "event_id": ended.event_id,
        }
    return {
        "message": "Memories stored successfully",
        "status": ended.status.value,
        "event_id": ended.event_id,
        "results": results_view(ended),
    }


@router.post("/v3/memories/search", tags=["memories"], operation_id="searchMemories", summary="Find memories")
def search(body: SearchBody, caller: Reader, wired: Wired) -> Response[dict[str, Any]]:
    """Answer a question from the memories that match the filters, best first."""
    require_project(caller, body.project_id)
    request = SearchRequest(
        query=body.query,
        where=search_filter(body),
        top_k=body.top_k or DEFAULT_TOP_K,
        threshold=DEFAULT_THRESHOLD if body.threshold is None else body.threshold,
        asked_at=wired.clock.now(),
        shows_expired=body.show_expired or False,
        latest_only=_latest_only(wired, caller, asked=body.latest_only),
    )
    with recording() as spans, span("search_ms"):
        answer = search_memories(request, project_id=caller.project_id, searching=wired.searching)
    told = {"results": len(answer.results), "degraded": list(answer.degraded), **spans}
    logger.info("search", extra=told)
    found = {"results": [projected(scored_view(scored), body.fields) for scored in answer.results]}
    if not answer.degraded:
        return Response(200, "application/json", found)
    degraded = list(answer.degraded)
    return Response(
        200,
        "application/json",
        {**found, "degraded": degraded},
        headers={"X-Ricordo-Degraded": ", ".join(degraded)},
    )


@router.post("/v3/memories", tags=["memories"], operation_id="listMemories", summary="List memories, newest first")
def list_(
    body: ListBody,
    caller: Reader,
    wired: Wired,
    event: Event,
    page: Annotated[int | None, Query(ge=1, le=MAX_PAGE)] = None,
    page_size: Annotated[int | None, Query(ge=1, le=MAX_PAGE_SIZE)] = None,
    cursor: Annotated[str | None, Query(max_length=MAX_CURSOR_CHARS)] = None,
) -> dict[str, Any]:
    """List one page of the memories that match the filters.

    `next` carries a cursor: following it costs the same however far one has come.
    """
    require_project(caller, body.project_id)
    size = page_size or body.page_size or DEFAULT_PAGE_SIZE
    signer = _signer(body, caller, wired)
    going_on = signer.read(cursor) if cursor else Cursor(page or body.page or 1, None)
    request = ListRequest(
        where=list_filter(body),
        page=PageRequest(going_on.number, size, going_on.place),
        asked_at=wired.clock.now(),
        shows_expired=body.show_expired or False,
        latest_only=_latest_only(wired, caller, asked=body.latest_only),
    )
    found = list_memories(request, project_id=caller.project_id, memories=wired.memories)
    return page_view(
        found,
        lambda memory: projected(memory_view(memory), body.fields),
        url=own_url(event),
        query={},
        sign=signer.sign,
    )


def _signer(body: ListBody, caller: Reader, wired: Wired) -> CursorSigner:
    asked = json.dumps(body.model_dump(mode="json", exclude={"page", "page_size", "fields"}), sort_keys=True)
    return CursorSigner(peppers_of(wired.settings), caller.project_id, asked)


def _latest_only(wired: Wired, caller: Reader, *, asked: bool | None) -> bool:
    """Return whether superseded memories stay out: as asked, else as the project is set."""
    return not wired.projects.get(caller.project_id).shows_superseded if asked is None else asked
