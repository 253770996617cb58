"""Lambda in this process: a function's name stands for a callable.

All that invokes functions in moto (its API, tasks of state machines, rules) ends in one method, which would start a
container. Here it calls a handler as Lambda does: event and answer are JSON, an exception becomes a payload whose
`errorType` is its class name, and time and size have limits.
"""

import contextvars
import copy
import json
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from unittest.mock import patch

from moto.awslambda.models import LambdaFunction

from engines.cloud.repairs.executions import current_execution

Handler = Callable[[Any, Any], Any]
LIMIT_BYTES: Final = 6 * 1024 * 1024
_ERROR_HEADER: Final = "x-amz-function-error"


class NotCarriedOutError(Exception):
    """What a watcher raises so that an invocation does not happen; it reaches the invoker as it is."""


@dataclass(slots=True)
class Invocation:
    """A function's call.

    Attributes:
        execution: ARN of the execution that this is a task of, if it is one.
        error: Name of the error it ended with.
    """

    function: str
    event: Any
    execution: str | None
    error: str | None = None


Watcher = Callable[[Invocation], None]


@dataclass(slots=True)
class Functions:
    """The handlers of an account, by function name, and what was called.

    Attributes:
        watchers: Called before each invocation, on its thread.
    """

    handlers: Mapping[str, Handler]
    watchers: list[Watcher] = field(default_factory=list)
    invocations: list[Invocation] = field(default_factory=list)

    @contextmanager
    def answering(self) -> Iterator["Functions"]:
        """Answer for every function of every account on moto."""
        answer, invoke = self._answer, LambdaFunction.invoke

        def invoke_lambda(function: Any, event: Any = None) -> tuple[str, bool, str]:
            return answer(function, event)

        def invoke_unhandled(function: Any, body: Any, request_headers: Any, response_headers: Any) -> Any:
            result = invoke(function, body, request_headers, response_headers)
            if _ERROR_HEADER in response_headers:
                response_headers[_ERROR_HEADER] = "Unhandled"  # moto says it was handled
            return result

        with (
            patch.object(LambdaFunction, "_invoke_lambda", invoke_lambda),
            patch.object(LambdaFunction, "invoke", invoke_unhandled),
        ):
            yield self

    def _answer(self, function: Any, event: Any) -> tuple[str, bool, str]:
        """Return the payload, whether it tells of an error, and what was logged, which is left to the handler's log."""
        event = {} if event == "{}" else event  # how moto tells of no payload
        invocation = Invocation(function.function_name, copy.deepcopy(event), current_execution.get())
        for watcher in list(self.watchers):
            watcher(invocation)
        self.invocations.append(invocation)
        context = Context(function)
        payload, invocation.error = _limited(*_in_time(self.handlers[function.function_name], event, context))
        return payload, invocation.error is not None, ""


class Context:
    """The context object that Lambda hands to a handler."""

    def __init__(self, function: Any) -> None:
        self.function_name: str = function.function_name
        self.function_version = "$LATEST"
        self.invoked_function_arn: str = function.function_arn
        self.memory_limit_in_mb: int = function.memory_size
        self.aws_request_id = str(uuid.uuid4())
        self.log_group_name = f"/aws/lambda/{function.function_name}"
        self.log_stream_name = "in-process"
        self.identity = None
        self.client_context = None
        self.timeout_s = float(function.timeout)
        self._deadline = time.monotonic() + self.timeout_s

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the handler has left."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


Answer = tuple[str, str | None]  # the payload, and the name of the error that it tells of


def _in_time(handler: Handler, event: Any, context: Context) -> Answer:
    """Let a thread carry out an invocation; one that is too late goes on, but nobody hears of it."""
    answers: list[Answer] = []
    here = contextvars.copy_context()
    thread = threading.Thread(target=lambda: answers.append(here.run(_call, handler, event, context)), daemon=True)
    thread.start()
    thread.join(context.timeout_s)
    if answers:
        return answers[0]
    told = f"RequestId: {context.aws_request_id} Error: Task timed out after {context.timeout_s:.2f} seconds"
    return _error("Sandbox.Timedout", told, context)


def _call(handler: Handler, event: Any, context: Context) -> Answer:
    try:
        result = handler(event, context)
    except Exception as error:  # noqa: BLE001  whatever a handler raises, Lambda tells of it
        return _error(type(error).__name__, str(error), context, traceback.format_tb(error.__traceback__))
    try:
        return json.dumps(result), None
    except TypeError as error:
        return _error("Runtime.MarshalError", f"Unable to marshal response: {error}", context)


def _limited(payload: str, error: str | None) -> Answer:
    if len(payload) <= LIMIT_BYTES:
        return payload, error
    told = f"Response payload size exceeded maximum allowed payload size ({LIMIT_BYTES} bytes)."
    name = "Function.ResponseSizeTooLarge"
    return json.dumps({"errorMessage": told, "errorType": name}), name


def _error(name: str, message: str, context: Context, trace: list[str] | None = None) -> Answer:
    told = {"errorMessage": message, "errorType": name, "requestId": context.aws_request_id}
    return json.dumps(told | {"stackTrace": trace or []}), name
