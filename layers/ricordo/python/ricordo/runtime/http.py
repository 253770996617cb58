"""How our errors leave over HTTP, and what every route needs to know of its request."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NoReturn

from ricordo.domain import errors
from ricordo.domain.errors import (
    AccessDeniedError,
    InvalidRequestError,
    RequestTooLargeError,
    RicordoError,
    UnauthorizedError,
)
from ricordo.domain.ids import KeyId, ProjectId
from ricordo.domain.project import AccessRole, Principal

MAX_JSON_DEPTH = 64
BODY_LIMIT_BYTES = 6 * 1024 * 1024
REPLY_LIMIT_BYTES = 6_291_556  # docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_SURELY_SENDABLE_CHARS = REPLY_LIMIT_BYTES // 12  # what JSON makes of one character at most, twice over
_TOO_DEEP = f"The body is nested more than {MAX_JSON_DEPTH} levels deep."

STATUS: Mapping[type[RicordoError], HTTPStatus] = {
    errors.InvalidRequestError: HTTPStatus.BAD_REQUEST,
    errors.RequestTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.UnauthorizedError: HTTPStatus.UNAUTHORIZED,
    errors.AccessDeniedError: HTTPStatus.FORBIDDEN,
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    errors.ConflictError: HTTPStatus.CONFLICT,
    errors.UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.LeaseLostError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ProjectionError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.StoreFormatError: HTTPStatus.INTERNAL_SERVER_ERROR,
}


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """Status and body of a refusal."""

    status: HTTPStatus
    body: dict[str, Any]


def status_of(error: RicordoError) -> HTTPStatus:
    """Return the status of the nearest ancestor in the table."""
    for ancestor in type(error).__mro__:
        if ancestor in STATUS:
            return STATUS[ancestor]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def error_answer(error: RicordoError, path: str) -> ErrorAnswer:
    """Shape an error as mem0's clients read it: `detail`, `code`, and the Platform's key on that route."""
    status, message = status_of(error), error.message
    body: dict[str, Any] = {"detail": message, "code": error.code}
    if isinstance(error, errors.InvalidFilterError):
        body["filters"] = [message]
    elif path.startswith("/v3/memories/add") and status is HTTPStatus.BAD_REQUEST:
        body |= {"error": "400 Bad Request", "details": {"message": message}}
    elif path.startswith("/v2/entities"):
        body["message"] = message
    else:
        body["error"] = message
    return ErrorAnswer(status, body)


def require_sendable(body: str | None) -> None:
    """Refuse an answer that Lambda would not hand on.

    Raises:
        RequestTooLargeError: it is larger than 6 MB.
    """
    if body is not None and len(body) > _SURELY_SENDABLE_CHARS and len(json.dumps(body)) > REPLY_LIMIT_BYTES - 4096:
        raise RequestTooLargeError("The answer would exceed 6 MB: ask for less, by page_size, top_k or fields.")


def read_json(text: str) -> Any:
    """Parse a body into JSON that every store can hold.

    Raises:
        InvalidRequestError: no JSON, a number that is not finite, half a surrogate pair, or nested too deep.
    """
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise InvalidRequestError(f"The body is not valid JSON: {error}.") from error
    except UnicodeEncodeError as error:
        raise InvalidRequestError("The body holds half a surrogate pair; send characters whole.") from error
    except RecursionError as error:
        raise InvalidRequestError(_TOO_DEEP) from error
    except ValueError as error:
        raise InvalidRequestError("The body holds a number that is not finite or has too many digits.") from error
    if _is_deeper_than(value, MAX_JSON_DEPTH):
        raise InvalidRequestError(_TOO_DEEP)
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _is_deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return False
    return True


def principal_from(context: Mapping[str, Any]) -> Principal:
    """Read who calls from what the authorizer put into the event.

    Raises:
        UnauthorizedError: the authorizer did not run.
    """
    try:
        return Principal(
            KeyId(context["key_id"]),
            ProjectId(context["project_id"]),
            context["org_id"],
            AccessRole(context["role"]),
        )
    except (KeyError, ValueError) as error:
        raise UnauthorizedError("The request carries no authorization.") from error


def require_project(principal: Principal, project_id: object) -> None:
    """Refuse a request that names another project than its key's.

    Raises:
        AccessDeniedError: it does.
    """
    if project_id not in (None, "", principal.project_id):
        raise AccessDeniedError("The API key belongs to another project.")


def require_writer(principal: Principal) -> None:
    """Refuse a write with a key that may only read.

    Raises:
        AccessDeniedError: it may.
    """
    if principal.role is AccessRole.READER:
        raise AccessDeniedError("This API key may only read.")
