"""TOKEN authorizer of the REST API for mem0's `Authorization: Token <key>`.

Raising exactly "Unauthorized" is API Gateway's only way to a 401
(https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html).
"""

from typing import Any

from ricordo.domain.errors import UnauthorizedError
from ricordo.runtime.key_secret import peppers_of
from ricordo.runtime.wiring import services
from ricordo.usecases.authenticate import authenticate


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Allow a known key to call every method, and tell the API whose key it is.

    The answer may be cached for the token, so it must not depend on the method asked for.
    """
    wired = services()
    try:
        token = _token_in(event["authorizationToken"])
        principal = authenticate(token, keys=wired.keys, peppers=peppers_of(wired.settings))
    except UnauthorizedError as error:
        raise Exception("Unauthorized") from error  # noqa: TRY002  API Gateway reads this very text
    stage = "/".join(event["methodArn"].split("/")[:2])
    return {
        "principalId": principal.key_id,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{stage}/*"}],
        },
        "context": {
            "key_id": principal.key_id,
            "project_id": principal.project_id,
            "org_id": principal.org_id,
            "role": principal.role.value,
        },
    }


def _token_in(authorization: str) -> str:
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "token":
        raise UnauthorizedError("Send the header `Authorization: Token <API key>`.")
    return token.strip()
