"""Handlers called in this process as Lambda calls them."""

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from support.small_account import Account, task

if TYPE_CHECKING:
    from engines.cloud import Invocation


class TooFullError(Exception):
    """An error of a handler's own."""


def invoke(account: Account, name: str, event: Any = None) -> tuple[str | None, Any]:
    """Invoke a function; return what kind of error it ended with, and the payload."""
    answer = account.moto.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    return answer.get("FunctionError"), json.load(answer["Payload"])


def test_handler_gets_and_gives_json(account: Account) -> None:
    """What a handler does to its event is seen by nobody else, and tuples come back as lists."""

    def change(event: dict[str, Any], _context: Any) -> Any:
        event["seen"] = True
        return {"pair": (1, 2), "accents": "é"}

    account.function("change", change)
    event = {"seen": False}
    assert invoke(account, "change", event) == (None, {"pair": [1, 2], "accents": "é"})
    assert event == {"seen": False}


def test_handler_is_told_where_it_runs(account: Account) -> None:
    """The context has a name, an id, and the time that is left."""

    def tell(_event: Any, context: Any) -> list[Any]:
        return [context.function_name, context.invoked_function_arn, context.get_remaining_time_in_millis()]

    arn = account.function("tell", tell, Timeout=5)
    _error, (name, told_arn, left_ms) = invoke(account, "tell")
    assert (name, told_arn) == ("tell", arn)
    assert 4000 < left_ms <= 5000


def test_exception_is_named_by_its_class(account: Account) -> None:
    """Its message and trace come with it."""

    def fail(_event: Any, _context: Any) -> None:
        raise TooFullError("full")

    account.function("fail", fail)
    kind, payload = invoke(account, "fail")
    assert (kind, payload["errorType"], payload["errorMessage"]) == ("Unhandled", "TooFullError", "full")
    assert "in fail" in payload["stackTrace"][-1]


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (lambda _event, _context: datetime.now(UTC), "Runtime.MarshalError"),
        (lambda _event, _context: "x" * 6_300_000, "Function.ResponseSizeTooLarge"),
        (lambda _event, _context: time.sleep(1.5), "Sandbox.Timedout"),
    ],
    ids=["no JSON", "too large", "too late"],
)
def test_what_cannot_be_answered_is_an_error(account: Account, handler: Any, error: str) -> None:
    """An answer that is no JSON, over six megabytes or late is an error that a workflow can name."""
    account.function("answer", handler, Timeout=1)
    caught = {"Catch": [{"ErrorEquals": [error], "Next": "caught"}]}
    execution = account.run({"answer": task("answer", **caught), "caught": {"Type": "Pass", "End": True}})
    assert execution.status == "SUCCEEDED"
    assert execution.states == ["answer", "caught"]


def test_workflow_names_errors_of_handlers(account: Account) -> None:
    """A retrier or catcher matches an exception by its class, and the cause holds what it said."""

    def fail(_event: Any, _context: Any) -> None:
        raise TooFullError("full")

    account.function("fail", fail)
    caught = {"Catch": [{"ErrorEquals": ["TooFullError"], "Next": "caught", "ResultPath": "$.error"}]}
    execution = account.run({"fail": task("fail", **caught), "caught": {"Type": "Pass", "End": True}}, {"n": 1})
    assert execution.output["n"] == 1
    assert execution.output["error"]["Error"] == "TooFullError"
    assert json.loads(execution.output["error"]["Cause"])["errorMessage"] == "full"


def test_function_that_is_not_there_is_an_error_of_lambda(account: Account) -> None:
    """A workflow can tell it from an error of a handler."""
    assert account.run({"none": task("none")}).error == "Lambda.ResourceNotFoundException"


def test_invocations_can_be_watched(account: Account) -> None:
    """Each says what was called with what, for which execution, and how it ended."""
    seen: list[Invocation] = []
    account.functions.watchers.append(seen.append)
    account.function("echo", lambda event, _context: event)
    account.function("fail", lambda _event, _context: 1 / 0)
    execution = account.run({"echo": task("echo", Next="fail"), "fail": task("fail")}, {"n": 1})
    assert execution.error == "ZeroDivisionError"
    assert [(one.function, one.event, one.error) for one in seen] == [
        ("echo", {"n": 1}, None),
        ("fail", {"n": 1}, "ZeroDivisionError"),
    ]
    assert {one.execution for one in seen} == {execution.arn}
    invoke(account, "echo")
    assert seen[-1].execution is None
    assert seen == account.functions.invocations
