"""Who calls and with what: read from the event API Gateway hands over."""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import unquote
from uuid import uuid4

from aws_lambda_powertools.event_handler import Depends, Request

from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.ids import EventId, event_id_for
from ricordo.domain.project import Principal
from ricordo.runtime.http import principal_from, require_project, require_writer
from ricordo.runtime.services import Services
from ricordo.runtime.wiring import services

_VERSION = re.compile(r"[1-9][0-9]{0,8}")


def read_caller(request: Request) -> Principal:
    """Return who calls; a `project_id` in the query must be the key's own.

    Raises:
        UnauthorizedError: the authorizer did not run.
        AccessDeniedError: another project is named.
    """
    event = request.resolved_event.raw_event
    principal = principal_from(event["requestContext"].get("authorizer") or {})
    require_project(principal, (event.get("queryStringParameters") or {}).get("project_id"))
    return principal


def write_caller(request: Request) -> Principal:
    """Return who calls, if they may write."""
    principal = read_caller(request)
    require_writer(principal)
    return principal


def raw_event(request: Request) -> dict[str, Any]:
    """Return the event as API Gateway sent it."""
    event: dict[str, Any] = request.resolved_event.raw_event
    return event


def wired() -> Services:
    """Return this process's ports."""
    return services()


Reader = Annotated[Principal, Depends(read_caller)]
Writer = Annotated[Principal, Depends(write_caller)]
Event = Annotated[dict[str, Any], Depends(raw_event)]
Wired = Annotated[Services, Depends(wired)]


def decoded(segment: str) -> str:
    """Return a path segment as the client meant it: API Gateway's REST API leaves it percent-encoded."""
    return unquote(segment)


def header(event: Mapping[str, Any], name: str) -> str | None:
    """Return a header whatever its case."""
    value: str | None = next(
        (value for key, value in (event.get("headers") or {}).items() if key.lower() == name), None
    )
    return value


def new_event_id(caller: Principal, event: Mapping[str, Any]) -> EventId:
    """Name the event of a write: the same for the same `Idempotency-Key`, so that a repetition finds it."""
    key = header(event, "idempotency-key")
    return event_id_for(caller.project_id, key) if key else EventId(str(uuid4()))


def expected_version(event: Mapping[str, Any]) -> int | None:
    """Read `If-Match`: the version an update replaces, quoted or not; `*` is any.

    Raises:
        InvalidRequestError: it is neither.
    """
    text = (header(event, "if-match") or "*").strip().removeprefix("W/").strip('"')
    if text == "*":
        return None
    if not _VERSION.fullmatch(text):
        raise InvalidRequestError("If-Match must be the version of the memory, e.g. 3.")
    return int(text)


def own_url(event: Mapping[str, Any]) -> str:
    """Return the address this request was sent to, without its query."""
    proto = "http" if header(event, "x-forwarded-proto") == "http" else "https"
    host = header(event, "host") or event["requestContext"].get("domainName", "")
    return f"{proto}://{host}{event['requestContext'].get('path', event['path'])}"
