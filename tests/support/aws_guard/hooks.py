"""Where the guard stands: before a client builds its request, and before the request leaves.

The three seams are botocore's `BaseClient._make_api_call` and `URLLib3Session.send`, and moto's answer to a request
in between. They are patched on the classes, so clients that exist already are guarded too.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.httpsession import URLLib3Session
from moto.core.botocore_stubber import BotocoreStubber
from support.aws_guard.dynamodb_requests import check_dynamodb
from support.aws_guard.injected_answers import carry_out, next_error
from support.aws_guard.limits import RefusedRequestError
from support.aws_guard.recorded import record
from support.aws_guard.sqs_requests import check_sqs

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
CHECKS = {"dynamodb": check_dynamodb, "sqs": check_sqs}

_unguarded: list[None] = []


@contextmanager
def unguarded() -> Iterator[None]:
    """Let requests through that AWS would refuse; for tests of what answers them."""
    _unguarded.append(None)
    try:
        yield
    finally:
        _unguarded.pop()


@cache
def install() -> None:
    """Guard every client of this process from now on."""
    _guard_calls()
    _guard_answers()
    _guard_network()


def _guard_calls() -> None:
    make_call = BaseClient._make_api_call

    def guarded(client: BaseClient, operation_name: str, api_params: Mapping[str, Any]) -> Any:
        record(client, operation_name, api_params)
        check = CHECKS.get(client.meta.service_model.service_name)
        if check and not _unguarded:
            check(operation_name, api_params)
        return carry_out(operation_name, api_params, lambda params: make_call(client, operation_name, params))

    BaseClient._make_api_call = guarded


def _guard_answers() -> None:
    answer = BotocoreStubber.__call__

    def guarded(stubber: BotocoreStubber, event_name: str, request: Any, **kwargs: Any) -> AWSResponse | None:
        error = next_error(event_name.rpartition(".")[2])
        if error is None or error.after_effect:
            answered = answer(stubber, event_name, request, **kwargs)
        return error.response(request.url) if error else answered

    BotocoreStubber.__call__ = guarded


def _guard_network() -> None:
    send = URLLib3Session.send

    def guarded(session: URLLib3Session, request: Any) -> AWSResponse:
        host = urlsplit(request.url).hostname
        if host not in LOOPBACK:
            raise RefusedRequestError(f"a request would leave this machine, for {host}")
        return send(session, request)

    URLLib3Session.send = guarded
