"""The API's description in OpenAPI 3.1: paths and bodies from the routes, answers and links from here."""

import json
from importlib.metadata import version
from typing import Any

from aws_lambda_powertools.event_handler.openapi.models import APIKey, APIKeyIn, Server, Tag
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from functions.api import answers
from functions.api.filter_schema import FILTERS, TIME
from functions.api.handler import app
from functions.api.idempotency import MAX_KEY_CHARS
from ricordo.domain.limits import MAX_BATCH

Json = dict[str, Any]
_DESCRIPTION = (
    "Long-term memory for AI agents, by mem0's Platform API. Paths are the same with and without the slash at"
    " their end. Fields of a body that are not listed are accepted. A body may have 6 MiB and 64 levels."
)
_TAGS = {
    "memories": "Add, search, list",
    "memory": "One memory",
    "deletion": "Many at once",
    "events": "What became of accepted operations",
    "entities": "Users, agents, apps, runs",
    "service": "The service itself",
}
_REFUSALS = {
    "400": "The request must be changed; `detail` says how",
    "401": "No API key, or one that is unknown or revoked",
    "403": "The API key does not reach this",
    "404": "There is no such thing in the project",
    "409": "The request met another one, or the memory is immutable; nothing was changed",
    "413": "The body exceeds 6 MiB",
    "503": "Try again later; nothing acknowledged is lost",
}
_ANSWERS: dict[str, type[BaseModel] | list[type[BaseModel]]] = {
    "health": answers.Health,
    "ping": answers.Ping,
    "addMemories": answers.Accepted,
    "searchMemories": answers.Found,
    "listMemories": answers.PageOfMemories,
    "getMemory": answers.MemoryAnswer,
    "updateMemory": answers.MemoryAnswer,
    "deleteMemory": answers.Done,
    "memoryHistory": [answers.Version],
    "deleteAllMemories": answers.Deleting,
    "updateBatch": answers.Done,
    "deleteBatch": answers.Done,
    "getEvent": answers.EventAnswer,
    "listEvents": answers.PageOfEvents,
    "listEntities": answers.PageOfOwners,
    "getEntity": answers.OwnerAnswer,
    "deleteEntity": answers.Deleting,
}
_OF_A_MEMORY = ("getMemory", "updateMemory", "deleteMemory", "memoryHistory")
_TO_EVENT = {"getEvent": {"event_id": "$response.body#/event_id"}}
_TO_FIRST_MEMORY = {name: {"memory_id": "$response.body#/results/0/id"} for name in _OF_A_MEMORY}
_TO_FIRST_OWNER = {
    "entity_type": "$response.body#/results/0/type",
    "entity_id": "$response.body#/results/0/name",
}
_LINKS: dict[str, dict[str, dict[str, str]]] = {
    "addMemories": {**_TO_EVENT, **_TO_FIRST_MEMORY},
    "searchMemories": _TO_FIRST_MEMORY,
    "listMemories": _TO_FIRST_MEMORY,
    "updateMemory": {name: {"memory_id": "$response.body#/id"} for name in _OF_A_MEMORY},
    "deleteMemory": {"memoryHistory": {"memory_id": "$request.path.memory_id"}},
    "deleteAllMemories": _TO_EVENT,
    "deleteEntity": _TO_EVENT,
    "listEvents": {"getEvent": {"event_id": "$response.body#/results/0/id"}},
    "listEntities": {"getEntity": _TO_FIRST_OWNER, "deleteEntity": _TO_FIRST_OWNER},
}
_WRITTEN_TIME = [kind for kind in TIME["anyOf"] if kind["type"] == "string"]
_READS = frozenset({"searchMemories", "listMemories"})
_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same write under the same key has one effect and one answer, for seven days",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARS},
}
_IF_MATCH: Json = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The version this write replaces, as ETag shows it; `*` is any",
    "schema": {"type": "string", "pattern": r'^(\*|[1-9][0-9]{0,8}|"[1-9][0-9]{0,8}")$'},
}


def describe() -> Json:
    """Return the OpenAPI document."""
    document: Json = json.loads(
        app.get_openapi_json_schema(
            title="Ricordo",
            version=version("ricordo"),
            description=_DESCRIPTION,
            tags=[Tag(name=name, description=text) for name, text in _TAGS.items()],
            servers=[Server(url="/")],
            security=[{"Token": []}],
            security_schemes={
                "Token": APIKey(name="Authorization", in_=APIKeyIn.header, description="`Token <API key>`")
            },
        )
    )
    document["paths"] = {_with_slash(path): item for path, item in document["paths"].items()}
    for item in document["paths"].values():
        for method, operation in item.items():
            _complete(operation, method)
    document["components"]["schemas"] = _schemas(document["components"]["schemas"])
    whole: Json = _with_whole_numbers(document)
    return whole


def _with_slash(path: str) -> str:
    return path if path == "/health" else f"{path}/"


def _complete(operation: Json, method: str) -> None:
    """Give an operation its headers, its answers and its links."""
    name = operation["operationId"]
    writes = method != "get" and name not in _READS
    parameters = operation.setdefault("parameters", [])
    if writes:
        parameters.append(_IDEMPOTENCY_KEY)
    if name in {"updateMemory", "deleteMemory"}:
        parameters.append(_IF_MATCH)
    for parameter in parameters:
        if parameter["name"] in {"start_date", "end_date"}:
            parameter["schema"] = {"anyOf": _WRITTEN_TIME}
    if not parameters:
        del operation["parameters"]
    links = {target: {"operationId": target, "parameters": values} for target, values in _LINKS.get(name, {}).items()}
    answered = {"description": operation["summary"], "content": _content(_answer_schema(name))}
    operation["responses"] = {"200": answered | ({"links": links} if links else {})}
    if name == "health":
        operation["security"] = []
        return
    for status in _refusals(name, has_body="requestBody" in operation, writes=writes):
        operation["responses"][status] = {
            "description": _REFUSALS[status],
            "content": _content({"$ref": "#/components/schemas/Refusal"}),
        }


def _refusals(name: str, *, has_body: bool, writes: bool) -> list[str]:
    finds = name in {*_OF_A_MEMORY, "updateBatch", "deleteBatch", "getEvent", "getEntity", "deleteEntity"}
    statuses = ["400", "401", "403"]
    statuses += ["404"] if finds else []
    statuses += ["409"] if writes else []
    statuses += ["413"] if has_body else []
    return [*statuses, "503"]


def _answer_schema(name: str) -> Json:
    model = _ANSWERS[name]
    if isinstance(model, list):
        return {"type": "array", "items": _reference(model[0])}
    return _reference(model)


def _reference(model: type[BaseModel]) -> Json:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _schemas(bodies: Json) -> Json:
    """Return the schemas of bodies, with what pydantic cannot say, and of answers."""
    for unused in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        bodies.pop(unused, None)
    for body in ("SearchBody", "ListBody"):
        bodies[body]["properties"]["filters"] = {"$ref": "#/components/schemas/Filters"}
        bodies[body]["required"] = sorted({*bodies[body].get("required", []), "filters"})
    for body in ("BatchUpdateBody", "BatchDeleteBody"):
        bodies[body]["properties"]["memories"]["maxItems"] = MAX_BATCH
    for body, field in (
        ("AddBody", "expiration_date"),
        ("UpdateBody", "expiration_date"),
        ("BatchUpdateItem", "expiration_date"),
        ("ListBody", "start_date"),
        ("ListBody", "end_date"),
    ):
        bodies[body]["properties"][field]["anyOf"] = [*_WRITTEN_TIME, {"type": "null"}]
    for body in ("AddBody", "UpdateBody", "BatchUpdateItem"):
        bodies[body]["properties"]["timestamp"]["anyOf"] = [*TIME["anyOf"], {"type": "null"}]
    models: list[type[BaseModel]] = [answers.Refusal]
    models += [model[0] if isinstance(model, list) else model for model in _ANSWERS.values()]
    _, told = models_json_schema(
        [(model, "serialization") for model in dict.fromkeys(models)],
        ref_template="#/components/schemas/{model}",
    )
    return dict(sorted({**bodies, **told["$defs"], "Filters": FILTERS}.items()))


def _with_whole_numbers(value: Any) -> Any:
    """Write 1 where pydantic and Powertools wrote 1.0."""
    if isinstance(value, dict):
        return {key: _with_whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
