"""What the gateway answers by itself, in the shape mem0's clients read: `detail`, and a `code` to match on."""

import json
from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_apigateway as apigateway

_Type = apigateway.ResponseType


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """One answer.

    Attributes:
        name: The kind of response, as API Gateway spells it.
        status: HTTP status; empty leaves that of the fault.
        code: What clients match on.
        detail: What to do.
        retry_after_s: When to come again.
    """

    name: str
    status: str
    code: str
    detail: str
    retry_after_s: int = 0

    @property
    def body(self) -> dict[str, str]:
        """Return the body; `error` beside `detail`, as the API's own errors have it."""
        return {"detail": self.detail, "error": self.detail, "code": self.code}


_UNAUTHORIZED: Final = "Invalid API key. Send `Authorization: Token <API key>`."
_NO_ROUTE: Final = "Not found: no such path or method."
_FAULT: Final = "Internal server error."
_UNCHECKED: Final = "The API key cannot be checked now; try again later."
_TOO_MANY: Final = "Too many requests; come again later."
ANSWERS: Final = (
    GatewayAnswer("UNAUTHORIZED", "401", "unauthorized", _UNAUTHORIZED),
    GatewayAnswer("ACCESS_DENIED", "403", "access_denied", "The API key does not reach this."),
    GatewayAnswer("WAF_FILTERED", "403", "access_denied", "The request was refused by the firewall."),
    GatewayAnswer("MISSING_AUTHENTICATION_TOKEN", "404", "not_found", _NO_ROUTE),
    GatewayAnswer("RESOURCE_NOT_FOUND", "404", "not_found", _NO_ROUTE),
    GatewayAnswer("REQUEST_TOO_LARGE", "413", "request_too_large", "The body exceeds 10 MB; send it in parts."),
    GatewayAnswer("THROTTLED", "429", "too_many_requests", _TOO_MANY, retry_after_s=1),
    GatewayAnswer("QUOTA_EXCEEDED", "429", "too_many_requests", _TOO_MANY, retry_after_s=60),
    GatewayAnswer("AUTHORIZER_FAILURE", "503", "unavailable", _UNCHECKED, retry_after_s=1),
    GatewayAnswer("AUTHORIZER_CONFIGURATION_ERROR", "503", "unavailable", _UNCHECKED, retry_after_s=1),
    GatewayAnswer("INTEGRATION_TIMEOUT", "504", "timeout", "The answer took too long; ask for less, or try again."),
    GatewayAnswer("INTEGRATION_FAILURE", "502", "internal_error", _FAULT),
    GatewayAnswer("DEFAULT_4XX", "", "invalid_request", "The request cannot be read."),
    GatewayAnswer("DEFAULT_5XX", "", "internal_error", _FAULT),
)


def add_gateway_answers(api: apigateway.RestApi, *, cors_origin: str) -> None:
    """Give an API these answers; pages of the allowed origin may read them too."""
    for answer in ANSWERS:
        headers = {"Retry-After": f"'{answer.retry_after_s}'"} if answer.retry_after_s else {}
        if cors_origin:
            headers["Access-Control-Allow-Origin"] = f"'{cors_origin}'"
        api.add_gateway_response(
            answer.name.title().replace("_", ""),
            type=_Type.of(answer.name),
            status_code=answer.status or None,
            response_headers=headers or None,
            templates={"application/json": json.dumps(answer.body)},
        )
