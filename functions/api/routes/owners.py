"""Users, agents, apps and runs, which mem0's API calls entities."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.api.caller import Event, Reader, Wired, Writer, decoded, new_event_id, own_url
from functions.api.views import owner_view, page_view, totals_view
from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.limits import MAX_PAGE, MAX_PAGE_SIZE
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import Owner, OwnerType
from ricordo.usecases.delete_all_memories import delete_owner
from ricordo.usecases.read_owners import get_owner, list_owners, owner_totals

router = Router()


@router.get(
    "/v1/entities",
    tags=["entities"],
    operation_id="listEntities",
    summary="List users, agents, apps and runs",
)
def list_(
    caller: Reader,
    wired: Wired,
    event: Event,
    page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1,
    page_size: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = 100,
) -> dict[str, Any]:
    """List the owners of the project, last changed first, with their totals."""
    found = list_owners(PageRequest(page, page_size), project_id=caller.project_id, owners=wired.owners)
    totals = owner_totals(project_id=caller.project_id, owners=wired.owners)
    return page_view(found, owner_view, url=own_url(event), query={}) | totals_view(totals)


@router.get(
    "/v2/entities/<entity_type>/<entity_id>",
    tags=["entities"],
    operation_id="getEntity",
    summary="Get an entity",
)
def get(entity_type: str, entity_id: str, caller: Reader, wired: Wired) -> dict[str, Any]:
    """Show one owner."""
    owner = _owner(entity_type, entity_id)
    return owner_view(get_owner(owner, project_id=caller.project_id, owners=wired.owners))


@router.delete(
    "/v2/entities/<entity_type>/<entity_id>",
    tags=["entities"],
    operation_id="deleteEntity",
    summary="Delete an entity and its memories",
)
def delete(entity_type: str, entity_id: str, caller: Writer, wired: Wired, event: Event) -> dict[str, Any]:
    """Hide an owner's memories at once, remove them in the background."""
    accepted = delete_owner(
        _owner(entity_type, entity_id),
        project_id=caller.project_id,
        event_id=new_event_id(caller, event),
        memories=wired.memories,
        owners=wired.owners,
        events=wired.events,
        ingestion=wired.ingestion,
        clock=wired.clock,
    )
    return {"message": "Delete in progress. This may take some time.", "event_id": accepted.event_id}


def _owner(entity_type: str, entity_id: str) -> Owner:
    try:
        return Owner(OwnerType(decoded(entity_type)), decoded(entity_id).strip())
    except ValueError as error:
        raise InvalidRequestError("Invalid entity type") from error
