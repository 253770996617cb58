"""`Idempotency-Key`: the same write sent again has one effect and one answer."""

import hashlib
import json
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from functions.api.caller import header
from ricordo.domain.errors import InvalidRequestError
from ricordo.runtime.http import principal_from
from ricordo.runtime.wiring import services
from ricordo.usecases.answer_once import answer_once

MAX_KEY_CHARS = 255
READING_ROUTES = frozenset({"/v3/memories", "/v3/memories/search"})


def answer_writes_once(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[Any]:
    """Answer a write that carries a key from the store if it was made before."""
    event = app.current_event.raw_event
    key = header(event, "idempotency-key")
    if key is None or event["httpMethod"] == "GET" or event["path"].rstrip("/") in READING_ROUTES:
        return next_middleware(app)
    if not 1 <= len(key) <= MAX_KEY_CHARS:
        raise InvalidRequestError(f"Idempotency-Key must have 1 to {MAX_KEY_CHARS} characters.")

    def operation() -> str:
        response = next_middleware(app)
        return json.dumps([response.status_code, response.body, response.headers])

    wired = services()
    answer = answer_once(
        operation,
        project_id=principal_from(event["requestContext"].get("authorizer") or {}).project_id,
        key=key,
        fingerprint=_fingerprint(event),
        store=wired.idempotency,
        clock=wired.clock,
    )
    status, body, headers = json.loads(answer)
    return Response(status, None, body, headers=headers)


def _fingerprint(event: dict[str, Any]) -> str:
    """Return a digest of what makes two requests the same."""
    query = sorted((event.get("queryStringParameters") or {}).items())
    parts = [event["httpMethod"], event["path"].rstrip("/"), query, event.get("body")]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
