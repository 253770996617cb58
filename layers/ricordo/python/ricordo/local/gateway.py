"""API Gateway's REST proxy on this machine: HTTP in, the exact proxy event out, the proxy answer back.

What it must get right is pinned in `tests/integration/test_gateway.py`; the shapes are those of
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from ricordo.runtime.http import BODY_LIMIT_BYTES
from ricordo.runtime.observability import log_fault

Event = dict[str, Any]
Handler = Callable[[Event, Any], Any]
TIMEOUT_S = 29.0
PUBLIC_PATHS = frozenset({"/health"})
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")
_FAULT = "Internal server error"
_UNAUTHORIZED = "Invalid API key. You can find your API key in the file api-key of the data folder."
_UNCHECKED = "The API key cannot be checked now; try again later."


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `raw_path` is still percent-encoded."""

    method: str
    raw_path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    client: str

    def header(self, name: str) -> str | None:
        """Return the last header of this name."""
        values = [value for key, value in self.headers if key.lower() == name]
        return values[-1] if values else None


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The context object Lambda hands to a handler."""

    function_name: str
    timeout_s: float = TIMEOUT_S
    memory_limit_in_mb: int = 1024
    function_version: str = "$LATEST"
    log_stream_name: str = "local"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        """Name the function as AWS would."""
        return f"arn:aws:lambda:us-east-1:000000000000:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        """Name the log group as AWS would."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left before the gateway gives up."""
        return max(0, int((self.timeout_s - (time.monotonic() - self.started)) * 1000))


def error_reply(status: int, **body: object) -> Reply:
    """Build an answer the gateway gives by itself."""
    return Reply(status, (("content-type", "application/json"),), json.dumps(body).encode())


def too_large() -> Reply:
    """Refuse a body over the limit."""
    detail = f"The body exceeds {BODY_LIMIT_BYTES} bytes; send it in parts."
    return error_reply(413, message="Request Too Long", detail=detail, code="request_too_large")


def proxy_event(request: Request, authorizer: Mapping[str, str] | None) -> Event:
    """Build the event of a REST API with a custom domain: encoded path, single and multi-value maps."""
    now = datetime.now(UTC)
    headers = _grouped(request.headers)
    query = _grouped(parse_qsl(request.query, keep_blank_values=True))
    body, is_base64 = _body(request)
    context: Event = {
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": request.header("host") or "localhost",
        "httpMethod": request.method,
        "identity": {"sourceIp": request.client, "userAgent": request.header("user-agent")},
        "path": request.raw_path,
        "protocol": "HTTP/1.1",
        "requestId": str(uuid.uuid4()),
        "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(now.timestamp() * 1000),
        "resourceId": "local",
        "resourcePath": "/{proxy+}",
        "stage": "local",
    }
    if authorizer is not None:
        context["authorizer"] = dict(authorizer)
    return {
        "resource": "/{proxy+}",
        "path": request.raw_path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": {"proxy": unquote(request.raw_path.lstrip("/"))},
        "stageVariables": None,
        "requestContext": context,
        "body": body,
        "isBase64Encoded": is_base64,
    }


def _grouped(pairs: Any) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def _body(request: Request) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    kind = (request.header("content-type") or "").lower()
    is_text = not kind or kind.startswith(_TEXT_TYPES) or "+json" in kind
    if is_text and not request.header("content-encoding"):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode(), True


def reply_from(answer: object) -> Reply:
    """Read a handler's answer; what API Gateway would not understand is its 502."""
    if not isinstance(answer, Mapping) or not isinstance(answer.get("statusCode"), int):
        return error_reply(502, message=_FAULT)
    body = answer.get("body") or ""
    if not isinstance(body, str):
        return error_reply(502, message=_FAULT)
    try:
        content = base64.b64decode(body, validate=True) if answer.get("isBase64Encoded") else body.encode()
    except ValueError:
        return error_reply(502, message=_FAULT)
    headers = [(name.lower(), str(value)) for name, value in (answer.get("headers") or {}).items()]
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers = [pair for pair in headers if pair[0] != name.lower()]
        headers += [(name.lower(), str(value)) for value in values]
    return Reply(answer["statusCode"], tuple(headers), content)


class Gateway:
    """Answers requests with two Lambda handlers: the authorizer, then the API."""

    def __init__(self, api: Handler, authorizer: Handler) -> None:
        self._api = api
        self._authorizer = authorizer

    def respond(self, request: Request) -> Reply:
        """Authorize a request, hand it to the API function and return the answer.

        As at AWS, a handler that raises is a 502, and lives on; of an authorizer that does, the API's gateway response
        `AUTHORIZER_FAILURE` makes a 503.
        """
        if len(request.body) > BODY_LIMIT_BYTES:
            return too_large()
        authorized: Mapping[str, str] | Reply | None = None
        if request.raw_path.rstrip("/") not in PUBLIC_PATHS:
            authorized = self._authorize(request)
        if isinstance(authorized, Reply):
            return authorized
        try:
            return reply_from(_invoke(self._api, proxy_event(request, authorized), "api"))
        except Exception as error:  # noqa: BLE001  whatever a handler raises, Lambda turns into an answer
            log_fault("handler failed", error)
            return error_reply(502, message=_FAULT)

    def _authorize(self, request: Request) -> Mapping[str, str] | Reply:
        """Ask the TOKEN authorizer; it is not cached here, so that a revoked key ends at once."""
        token = request.header("authorization")
        if not token:
            return error_reply(401, detail=_UNAUTHORIZED, code="unauthorized")
        arn = f"arn:aws:execute-api:us-east-1:000000000000:local/local/{request.method}{request.raw_path}"
        event = {"type": "TOKEN", "methodArn": arn, "authorizationToken": token}
        try:
            policy = _invoke(self._authorizer, event, "authorize")
        except Exception as error:  # noqa: BLE001  as above
            if str(error) == "Unauthorized":
                return error_reply(401, detail=_UNAUTHORIZED, code="unauthorized")
            log_fault("authorizer failed", error)
            return error_reply(503, error=_UNCHECKED, detail=_UNCHECKED, code="unavailable")
        try:
            return _allowed(policy)
        except (KeyError, TypeError) as error:
            log_fault("authorizer misunderstood", error)
            return error_reply(500, message=None, detail="The authorizer failed.", code="internal_error")


def _invoke(handler: Handler, event: Event, function_name: str) -> Any:
    """Call a handler as Lambda does: nothing but JSON passes in either direction."""
    answer = handler(json.loads(json.dumps(event)), LambdaContext(function_name))
    return json.loads(json.dumps(answer))


def _allowed(policy: Mapping[str, Any]) -> Mapping[str, str] | Reply:
    """Read a policy: what the API is told of the caller, all of it as strings, or the refusal."""
    effects = {statement["Effect"] for statement in policy["policyDocument"]["Statement"]}
    if effects != {"Allow"}:
        denied = "The API key does not reach this."
        return error_reply(403, message=denied, detail=denied, code="access_denied")
    told = {"principalId": policy["principalId"], **policy["context"]}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in told.items()}
