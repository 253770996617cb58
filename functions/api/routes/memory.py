"""One memory: get, update, delete, history."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.api.caller import Event, Reader, Wired, Writer, decoded, expected_version
from functions.api.models import UpdateBody
from functions.api.requests import memory_id as read_id
from functions.api.requests import memory_patch
from functions.api.views import memory_view, messages_view, version_view
from ricordo.domain.memory import Memory
from ricordo.runtime.http import require_project
from ricordo.usecases.delete_memories import delete_memory
from ricordo.usecases.get_memory import get_memory
from ricordo.usecases.memory_history import memory_history
from ricordo.usecases.update_memories import update_memory

router = Router()


@router.get("/v1/memories/<memory_id>", tags=["memory"], operation_id="getMemory", summary="Get a memory")
def get(memory_id: str, caller: Reader, wired: Wired) -> Response[dict[str, Any]]:
    """Show a memory, expired ones included; `ETag` carries its version."""
    memory = get_memory(read_id(decoded(memory_id)), project_id=caller.project_id, memories=wired.memories)
    return _shown(memory)


@router.put("/v1/memories/<memory_id>", tags=["memory"], operation_id="updateMemory", summary="Update a memory")
def update(memory_id: str, body: UpdateBody, caller: Writer, wired: Wired, event: Event) -> Response[dict[str, Any]]:
    """Write the next version; `If-Match` names the version it must replace."""
    require_project(caller, body.project_id)
    memory = update_memory(
        read_id(decoded(memory_id)),
        memory_patch(body),
        project_id=caller.project_id,
        memories=wired.memories,
        embedder=wired.workbench.embedder,
        clock=wired.clock,
        expected_version=expected_version(event),
    )
    return _shown(memory)


@router.delete("/v1/memories/<memory_id>", tags=["memory"], operation_id="deleteMemory", summary="Delete a memory")
def delete(
    memory_id: str,
    caller: Writer,
    wired: Wired,
    event: Event,
    delete_linked: Annotated[bool, Query()] = False,  # noqa: FBT002  a query parameter
) -> dict[str, Any]:
    """Delete a memory; its history stays for the project's retention."""
    delete_memory(
        read_id(decoded(memory_id)),
        project_id=caller.project_id,
        memories=wired.memories,
        clock=wired.clock,
        expected_version=expected_version(event),
    )
    deleted = {"message": "Memory deleted successfully!"}
    return deleted | {"cascade_count": 0} if delete_linked else deleted


@router.get(
    "/v1/memories/<memory_id>/history",
    tags=["memory"],
    operation_id="memoryHistory",
    summary="List a memory's versions, oldest first",
)
def history(memory_id: str, caller: Reader, wired: Wired) -> list[dict[str, Any]]:
    """Show every version of a memory, a deleted one's included."""
    found = memory_history(
        read_id(decoded(memory_id)),
        project_id=caller.project_id,
        memories=wired.memories,
        events=wired.events,
    )
    sources = messages_view(found.messages)
    return [version_view(version, sources) for version in found.versions]


def _shown(memory: Memory) -> Response[dict[str, Any]]:
    return Response(200, "application/json", memory_view(memory), headers={"ETag": f'"{memory.version}"'})
