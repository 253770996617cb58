"""Is it up, and whose key is this."""

from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import Router

from functions.api.caller import Reader

router = Router()


@router.get("/health", tags=["service"], operation_id="health", summary="Say that the API answers; needs no key")
def health() -> dict[str, Any]:
    """Answer without touching anything."""
    return {"status": "ok"}


@router.get("/v1/ping", tags=["service"], operation_id="ping", summary="Tell whose key this is")
def ping(caller: Reader) -> dict[str, Any]:
    """Answer what mem0's clients ask when they are constructed."""
    return {"status": "ok", "org_id": caller.org_id, "project_id": caller.project_id}
