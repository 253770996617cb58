"""Make of any request the one form the routes read, or refuse it."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from functions.api.caller import header
from ricordo.domain.errors import InvalidRequestError

_SLASHES = re.compile(r"/{2,}")
_JSON_TYPE = re.compile(r"application/([a-z0-9.!#$&^_-]+\+)?json\s*(;.*)?", re.IGNORECASE)


def plain_path(path: str) -> str:
    """Collapse doubled slashes: clients put a host that ends in one before paths that start with one."""
    return _SLASHES.sub("/", path)


def readable(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event with a plain path and a body of JSON text; HEAD becomes GET, whose body nobody reads.

    Raises:
        InvalidRequestError: the body is compressed, says that it is no JSON, or is not UTF-8.
    """
    method = "GET" if event["httpMethod"] == "HEAD" else event["httpMethod"]
    body = None if method == "GET" else _text(event)
    told = {"path": plain_path(event["path"]), "httpMethod": method, "body": body, "isBase64Encoded": False}
    if body is None:
        return {**event, **told}
    kind = "application/json"
    return {
        **event,
        **told,
        "headers": _without_type(event.get("headers")) | {"content-type": kind},
        "multiValueHeaders": _without_type(event.get("multiValueHeaders")) | {"content-type": [kind]},
    }


def _without_type(headers: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (headers or {}).items() if name.lower() != "content-type"}


def _text(event: Mapping[str, Any]) -> str | None:
    """Read the body as text; None where there is none."""
    body: str | None = event.get("body")
    if not body:
        return None
    if (header(event, "content-encoding") or "identity").strip().lower() != "identity":
        raise InvalidRequestError("Send the body as it is, without Content-Encoding.")
    if not _JSON_TYPE.fullmatch((header(event, "content-type") or "application/json").strip()):
        raise InvalidRequestError("Send the body as JSON, with the header Content-Type: application/json.")
    if not event.get("isBase64Encoded"):
        return body
    try:
        return base64.b64decode(body, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidRequestError("The body is not UTF-8: send JSON in UTF-8.") from error
