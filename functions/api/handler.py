"""The API function: mem0's Platform API over the use cases. Routes stand in `routes/`, a file a resource."""

import json
import re
import time
from collections.abc import Sequence
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoRouteError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)

from functions.api.arrival import plain_path, readable
from functions.api.idempotency import answer_writes_once
from functions.api.routes import deletion, events, memories, memory, owners, service
from ricordo.domain.errors import InvalidRequestError, NotFoundError, RequestTooLargeError, RicordoError
from ricordo.runtime.http import error_answer, read_json, require_sendable
from ricordo.runtime.observability import log_fault, logger
from ricordo.runtime.settings import cors_origin

app = APIGatewayRestResolver(
    enable_validation=True, response_validation_error_http_code=500, json_body_deserializer=read_json
)
for routes in (service, memories, memory, deletion, events, owners):
    app.include_router(routes.router)

# What pydantic puts into the place of a fault beside field names and indices: the alternatives of a union.
_ALTERNATIVE = re.compile(r"str|int|float|.*[^a-z_0-9].*|[A-Z].*")
_MOST_FAULTS = 5


def note_route(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[Any]:
    """Have every line of the log name the route by its pattern, which holds no ids."""
    logger.append_keys(route=app.request.route)
    return next_middleware(app)


app.use(middlewares=[note_route, answer_writes_once])


@app.exception_handler(RicordoError)
def refuse(error: RicordoError) -> Response[str]:
    """Answer one of our errors as the table of `runtime.http` says."""
    return refusal(error, app.current_event.path)


def refusal(error: RicordoError, path: str) -> Response[str]:
    """Build the answer to a request that cannot be carried out."""
    answer = error_answer(error, path)
    logger.info("refused", code=error.code, status=answer.status.value)
    return Response(answer.status.value, "application/json", json.dumps(answer.body))


@app.exception_handler([RequestValidationError, RequestUnsupportedContentType])
def refuse_form(error: RequestValidationError | RequestUnsupportedContentType) -> Response[str]:
    """Answer a body or a query that is not of its model; the input itself is never repeated."""
    faults: dict[str, dict[str, None]] = {}
    for fault in error.errors():
        faults.setdefault(_place(fault["loc"]), {})[fault["msg"]] = None
    reasons = [f"{place}: {' / '.join(reasons)}" for place, reasons in list(faults.items())[:_MOST_FAULTS]]
    return refusal(InvalidRequestError(f"Invalid input data. {'; '.join(reasons)}."), app.current_event.path)


def _place(location: Sequence[str | int]) -> str:
    """Name the field a fault is in, e.g. `messages.0.content`; `body` where all of it is meant."""
    source, *parts = (str(part) for part in location)
    return ".".join(part for part in parts if not _ALTERNATIVE.fullmatch(part)) or source


@app.not_found
def no_route(_error: NoRouteError) -> Response[str]:
    """Answer a path or method that does not exist."""
    return refusal(NotFoundError("Not found: no such path or method."), app.current_event.path)


@app.exception_handler(Exception)
def fail(error: Exception) -> Response[str]:
    """Answer a fault of ours; the log tells where it was."""
    log_fault("failed", error)
    body = {"detail": "Internal server error.", "error": "Internal server error.", "code": "internal_error"}
    return Response(500, "application/json", json.dumps(body))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of the REST API."""
    started = time.perf_counter()
    logger.append_keys(request_id=event["requestContext"].get("requestId"), route=None)
    answer = _answer(event, context)
    if origin := cors_origin():
        answer.setdefault("multiValueHeaders", {})["Access-Control-Allow-Origin"] = [origin]
    logger.info(
        "request",
        method=event["httpMethod"],
        status=answer["statusCode"],
        handler_ms=round((time.perf_counter() - started) * 1000, 3),
    )
    return answer


def _answer(event: dict[str, Any], context: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = app.resolve(readable(event), context)
        require_sendable(answer["body"])
    except (InvalidRequestError, RequestTooLargeError) as error:  # the routes' own errors have their handlers above
        refused = refusal(error, plain_path(event["path"]))
        return {
            "statusCode": refused.status_code,
            "headers": {"Content-Type": "application/json"},
            "body": refused.body,
        }
    return answer
