"""Deleting by owner, and changing or deleting many at once."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.api.caller import Event, Wired, Writer, new_event_id
from functions.api.models import BatchDeleteBody, BatchUpdateBody
from functions.api.requests import memory_id, memory_patch, scope_of_query
from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.limits import MAX_BATCH
from ricordo.domain.scope import MAX_OWNER_ID_CHARS
from ricordo.runtime.http import require_project
from ricordo.usecases.delete_all_memories import delete_all_memories
from ricordo.usecases.delete_memories import delete_batch as delete_many
from ricordo.usecases.update_memories import update_batch as update_many

router = Router()
OwnerQuery = Annotated[str | None, Query(min_length=1, max_length=MAX_OWNER_ID_CHARS)]


@router.delete(
    "/v1/memories",
    tags=["deletion"],
    operation_id="deleteAllMemories",
    summary="Delete the memories that have all of the owners named; * is any",
)
def delete_all(
    caller: Writer,
    wired: Wired,
    event: Event,
    user_id: OwnerQuery = None,
    agent_id: OwnerQuery = None,
    app_id: OwnerQuery = None,
    run_id: OwnerQuery = None,
    filters: Annotated[str | None, Query(description="The same as a JSON object")] = None,
) -> dict[str, Any]:
    """Hide at once, remove in the background."""
    owners = {"user_id": user_id, "agent_id": agent_id, "app_id": app_id, "run_id": run_id}
    query = {**(event.get("queryStringParameters") or {}), **owners, "filters": filters}
    accepted = delete_all_memories(
        scope_of_query(query),
        project_id=caller.project_id,
        event_id=new_event_id(caller, event),
        memories=wired.memories,
        events=wired.events,
        ingestion=wired.ingestion,
        clock=wired.clock,
    )
    return {"message": "Delete in progress. This may take some time.", "event_id": accepted.event_id}


@router.put("/v1/batch", tags=["deletion"], operation_id="updateBatch", summary="Update up to 1000 memories")
def update_batch(body: BatchUpdateBody, caller: Writer, wired: Wired) -> dict[str, Any]:
    """Update all of them, or none if one does not exist."""
    require_project(caller, body.project_id)
    _require_batch_size(len(body.memories))
    patches = {memory_id(item.memory_id): memory_patch(item) for item in body.memories}
    updated = update_many(
        patches,
        project_id=caller.project_id,
        memories=wired.memories,
        embedder=wired.workbench.embedder,
        clock=wired.clock,
    )
    return {"message": f"Successfully updated {updated} memories"}


@router.delete("/v1/batch", tags=["deletion"], operation_id="deleteBatch", summary="Delete up to 1000 memories")
def delete_batch(body: BatchDeleteBody, caller: Writer, wired: Wired) -> dict[str, Any]:
    """Delete all of them, or none if one does not exist."""
    require_project(caller, body.project_id)
    _require_batch_size(len(body.memories))
    deleted = delete_many(
        [memory_id(item.memory_id) for item in body.memories],
        project_id=caller.project_id,
        memories=wired.memories,
        clock=wired.clock,
    )
    return {"message": f"Successfully deleted {deleted} memories"}


def _require_batch_size(size: int) -> None:
    if size > MAX_BATCH:
        raise InvalidRequestError(f"Maximum of {MAX_BATCH} memories can be updated in a single request")
