"""Executions begin and end as on AWS, and a thread can tell for which of them it works.

A start without a name gets one of its own; EXPRESS workflows never take a start for an earlier one of its name; an
execution that was stopped stays so, whatever its running task comes to.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_lambda import (
    StateTaskServiceLambda,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

EXPRESS = "EXPRESS"
current_execution: ContextVar[str | None] = ContextVar("current_execution", default=None)
_starting = threading.RLock()


def install() -> None:
    """Repair starts, stops and ends."""
    backend, machine = StepFunctionsParserBackend, StateMachine
    backend.start_execution = _one_by_one(backend.start_execution)
    machine._handle_name_input_idempotency = _unless_express(  # noqa: SLF001  there is no other way in
        machine._handle_name_input_idempotency  # noqa: SLF001
    )
    Execution.__init__ = _with_a_place_of_its_own(Execution.__init__)
    Execution.get_start_execution_details = _with_time_as_text(Execution.get_start_execution_details)
    Environment.set_error = _unless_stopped(Environment.set_error)
    BaseExecutionWorkerCommunication.terminated = _noted(BaseExecutionWorkerCommunication.terminated)
    task = StateTaskServiceLambda
    task._eval_service_task = _known(task._eval_service_task)  # noqa: SLF001  there is no other way in


def has_ended(execution: Any) -> bool:
    """Tell whether an execution is done and says how: moto sets its status a moment before its output."""
    return bool(execution.has_ended.is_set())


@contextmanager
def working_for(execution_arn: str) -> Iterator[None]:
    """Let whatever this thread does be known as an execution's work."""
    token = current_execution.set(execution_arn)
    try:
        yield
    finally:
        current_execution.reset(token)


def _one_by_one(start_execution: Any) -> Any:
    def start(
        self: Any, state_machine_arn: str, name: str | None = None, execution_input: str | None = None, *rest: Any
    ) -> Any:
        with _starting:
            return start_execution(self, state_machine_arn, name or str(uuid.uuid4()), execution_input, *rest)

    return start


def _unless_express(same_execution: Any) -> Any:
    def same(self: Any, name: str, execution_input: str) -> Any:
        return None if self.type == EXPRESS else same_execution(self, name, execution_input)

    return same


def _with_a_place_of_its_own(init: Any) -> Any:
    def begin(self: Any, *, exec_arn: str, state_machine: Any, **rest: Any) -> None:
        if state_machine.type == EXPRESS:
            exec_arn = f"{exec_arn.replace(':execution:', ':express:')}:{uuid.uuid4()}"
        init(self, exec_arn=exec_arn, state_machine=state_machine, **rest)
        self.has_ended = threading.Event()

    return begin


def _with_time_as_text(get_details: Any) -> Any:
    def details(self: Any) -> Any:
        found = get_details(self)
        found.start_time = self.start_date.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return found

    return details


def _unless_stopped(set_error: Any) -> Any:
    def fail(self: Any, error: Any) -> None:
        if not isinstance(self._program_state, ProgramStopped):
            set_error(self, error)

    return fail


def _noted(terminated: Any) -> Any:
    def end(self: Any) -> None:
        terminated(self)
        self.execution.has_ended.set()

    return end


def _known(eval_service_task: Any) -> Any:
    def carry_out(self: Any, env: Any, *rest: Any, **named: Any) -> None:
        with working_for(env.states.context_object.context_object_data["Execution"]["Id"]):
            eval_service_task(self, env, *rest, **named)

    return carry_out
