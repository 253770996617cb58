"""The local gateway does what a REST API of API Gateway does: events, answers, limits, refusals."""

import base64
import json
import multiprocessing
from collections.abc import Callable
from typing import Any

import pytest
from support.processes import die_at_the_first_request, die_while_starting, never_answer

from ricordo.local.environments import Environment
from ricordo.local.gateway import Gateway, LambdaContext, Reply, Request, proxy_event
from ricordo.runtime.http import BODY_LIMIT_BYTES

TOKEN = ("authorization", "Token m0-key")
POLICY: dict[str, Any] = {
    "principalId": "k1",
    "policyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]},
    "context": {"project_id": "p1", "level": 3, "trial": True},
}


def request(
    method: str = "GET", path: str = "/v1/ping/", query: str = "", body: bytes = b"", **headers: str
) -> Request:
    """Build a request with a key."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Request(method, path, query, (("host", "h:1"), TOKEN, *named), body, "10.0.0.9")


def body_of(reply: Reply) -> Any:
    """Return the JSON of an answer."""
    return json.loads(reply.body)


def gateway(api: Callable[..., Any] | None = None, authorizer: Callable[..., Any] | None = None) -> Gateway:
    """Build a gateway whose API answers with the event, unless told otherwise."""
    echo = lambda event, _context: {"statusCode": 200, "body": json.dumps(event)}  # noqa: E731
    return Gateway(api or echo, authorizer or (lambda _event, _context: POLICY))


def test_the_path_stays_percent_encoded() -> None:
    """`path` is what the client sent; only the proxy parameter is decoded."""
    event = proxy_event(request(path="/v2/entities/user/a%2Fb%20c%23/"), None)
    assert event["path"] == event["requestContext"]["path"] == "/v2/entities/user/a%2Fb%20c%23/"
    assert event["pathParameters"] == {"proxy": "v2/entities/user/a/b c#/"}
    assert (event["resource"], event["requestContext"]["resourcePath"]) == ("/{proxy+}", "/{proxy+}")


def test_queries_come_decoded_as_last_and_as_all() -> None:
    """The single map holds the last value of a name, the multi-value map all of them."""
    event = proxy_event(request(query="a=1&a=%C3%A9&b=&c"), None)
    assert event["queryStringParameters"] == {"a": "é", "b": "", "c": ""}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "é"], "b": [""], "c": [""]}


def test_what_is_absent_is_null() -> None:
    """Without query and body there are nulls, not empty maps or strings."""
    event = proxy_event(request(), None)
    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None
    assert event["body"] is None
    assert event["stageVariables"] is None
    assert "authorizer" not in event["requestContext"]


def test_headers_come_as_last_and_as_all() -> None:
    """Repeated headers are kept in the multi-value map; names stay as the server gave them."""
    twice = Request("GET", "/", "", (("x-a", "1"), ("x-a", "2")), b"", "10.0.0.9")
    event = proxy_event(twice, None)
    assert event["headers"] == {"x-a": "2"}
    assert event["multiValueHeaders"] == {"x-a": ["1", "2"]}


@pytest.mark.parametrize(
    ("kind", "encoding", "body", "is_base64"),
    [
        ("application/json", "", b'{"a":"\xc3\xa9"}', False),
        ("application/problem+json", "", b"{}", False),
        ("", "", b"{}", False),
        ("application/json", "", b"\xff", True),
        ("application/json", "gzip", b"{}", True),
        ("application/octet-stream", "", b"{}", True),
    ],
)
def test_bodies_are_text_or_base64(kind: str, encoding: str, body: bytes, *, is_base64: bool) -> None:
    """JSON in UTF-8 arrives as text; anything else as base64."""
    headers = {"content_type": kind, "content_encoding": encoding}
    event = proxy_event(request("POST", body=body, **{name: value for name, value in headers.items() if value}), None)
    assert event["isBase64Encoded"] is is_base64
    assert (base64.b64decode(event["body"]) if is_base64 else event["body"].encode()) == body


def test_the_context_names_caller_and_request() -> None:
    """Each request has an id, the caller's address, and what the authorizer said, all as strings."""
    events = [body_of(gateway().respond(request())) for _ in range(2)]
    context = events[0]["requestContext"]
    assert context["identity"]["sourceIp"] == "10.0.0.9"
    assert context["authorizer"] == {"principalId": "k1", "project_id": "p1", "level": "3", "trial": "true"}
    assert context["domainName"] == "h:1"
    assert context["requestId"] != events[1]["requestContext"]["requestId"]


def test_the_authorizer_is_asked_with_token_and_arn() -> None:
    """A TOKEN authorizer gets the header's value and the method's ARN, and nothing of the request."""
    asked: list[dict[str, Any]] = []
    gateway(authorizer=lambda event, _context: asked.append(event) or POLICY).respond(request("PUT", "/v1/batch/"))
    (event,) = asked
    assert set(event) == {"type", "methodArn", "authorizationToken"}
    assert (event["type"], event["authorizationToken"]) == ("TOKEN", "Token m0-key")
    assert event["methodArn"].endswith(":local/local/PUT/v1/batch/")


def test_without_a_token_the_authorizer_is_not_asked() -> None:
    """A missing header is 401 before any handler; only /health needs none."""
    asking = gateway(authorizer=lambda _event, _context: pytest.fail("asked"))
    bare = Request("GET", "/v1/ping/", "", (), b"", "10.0.0.9")
    assert asking.respond(bare).status == 401
    assert asking.respond(Request("GET", "/health/", "", (), b"", "10.0.0.9")).status == 200


def _raising(error: Exception) -> Callable[..., Any]:
    def handler(_event: dict[str, Any], _context: object) -> Any:
        raise error

    return handler


@pytest.mark.parametrize(
    ("authorizer", "status"),
    [
        (_raising(Exception("Unauthorized")), 401),
        (_raising(RuntimeError("a fault")), 503),
        (lambda _event, _context: {"principalId": "k1"}, 500),
        (lambda _event, _context: None, 500),
        (lambda _event, _context: {**POLICY, "policyDocument": {"Statement": [{"Effect": "Deny"}]}}, 403),
    ],
    ids=["unauthorized", "fault", "no policy", "null", "deny"],
)
def test_refusals_of_the_authorizer(authorizer: Callable[..., Any], status: int) -> None:
    """The text "Unauthorized" is 401, a denying policy 403, no policy 500, no answer 503; the API is never called."""
    answered = gateway(_raising(AssertionError("called")), authorizer).respond(request())
    assert answered.status == status
    assert "detail" in body_of(answered)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "text",
        [],
        {},
        {"statusCode": "200"},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": b"x"},
        {"statusCode": 200, "body": "%%%", "isBase64Encoded": True},
    ],
    ids=repr,
)
def test_an_answer_of_no_form_is_502(answer: Any) -> None:
    """What API Gateway would not understand is its 502."""
    answered = gateway(lambda _event, _context: answer).respond(request())
    assert (answered.status, body_of(answered)) == (502, {"message": "Internal server error"})


def test_a_handler_that_raises_is_502_and_lives_on() -> None:
    """A fault of the handler ends its request only."""
    answers = iter([ValueError("a fault"), {"statusCode": 204}])

    def api(_event: dict[str, Any], _context: object) -> Any:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    standing = gateway(api)
    assert [standing.respond(request()).status for _ in range(2)] == [502, 204]


def test_answers_keep_headers_and_bytes() -> None:
    """Header maps are merged, several values under one name stay several, base64 bodies are decoded."""
    answer = {
        "statusCode": 201,
        "headers": {"X-One": "1", "X-Two": "lost"},
        "multiValueHeaders": {"X-Two": ["a", "b"]},
        "body": base64.b64encode(b"\xff").decode(),
        "isBase64Encoded": True,
    }
    reply = gateway(lambda _event, _context: answer).respond(request())
    assert reply == Reply(201, (("x-one", "1"), ("x-two", "a"), ("x-two", "b")), b"\xff")


def test_a_body_over_the_limit_is_413() -> None:
    """The limit itself passes, one byte more does not, and no handler sees it."""
    at_limit = request("POST", body=b" " * BODY_LIMIT_BYTES)
    assert gateway(lambda _event, _context: {"statusCode": 200}).respond(at_limit).status == 200
    over = request("POST", body=b" " * (BODY_LIMIT_BYTES + 1))
    assert gateway(_raising(AssertionError("called"))).respond(over).status == 413


def test_handlers_share_nothing_with_the_gateway() -> None:
    """A handler that changes its event changes nothing outside; answers are JSON, tuples become lists."""

    def api(event: dict[str, Any], context: LambdaContext) -> Any:
        event["requestContext"]["authorizer"]["project_id"] = "p2"
        assert 0 < context.get_remaining_time_in_millis() <= 29_000
        return {"statusCode": 200, "multiValueHeaders": {"X-A": ("1", "2")}}

    assert gateway(api).respond(request()).headers == (("x-a", "1"), ("x-a", "2"))
    assert POLICY["context"]["project_id"] == "p1"


@pytest.mark.parametrize(
    ("target", "status", "message"),
    [
        (die_at_the_first_request, 502, "Internal server error"),
        (never_answer, 504, "Endpoint request timed out"),
        (die_while_starting, 502, "Internal server error"),
    ],
)
def test_a_process_that_fails_is_replaced(target: Callable[..., None], status: int, message: str) -> None:
    """A handler process that dies or overruns its time costs its request; another one takes its place."""
    environment = Environment(multiprocessing.get_context("spawn"), 0, target=target, timeout_s=0.2)
    try:
        for _ in range(2):
            reply = environment.answer(request())
            assert (reply.status, body_of(reply)) == (status, {"message": message})
    finally:
        environment.stop(patience_s=0)
