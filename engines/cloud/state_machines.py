"""Step Functions in this process: moto's interpreter, repaired and switched on, and a look at its executions."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from unittest.mock import patch

from moto.core.config import default_user_config
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from engines.cloud import repairs
from engines.cloud.functions import Functions
from engines.cloud.repairs.executions import has_ended
from engines.cloud.workflow_clock import WorkflowClock

LONGEST_S: Final = 30.0
STOPPED_WITHIN_S: Final = 5.0  # far more than it takes; one whose interpreter broke would never be


class StillRunningError(AssertionError):
    """An execution has not ended in time."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of a workflow."""

    _moto: Any

    @property
    def arn(self) -> str:
        """Its name in the account."""
        return str(self._moto.execution_arn)

    @property
    def name(self) -> str:
        """The name it was started with."""
        return str(self._moto.name)

    @property
    def status(self) -> str:
        """RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED."""
        return str(self._moto.status) if has_ended(self._moto) else "RUNNING"

    @property
    def input(self) -> Any:
        """What it was started with."""
        return self._moto.input_data

    @property
    def output(self) -> Any:
        """What it came to, if it succeeded."""
        return self._moto.output

    @property
    def error(self) -> str | None:
        """The error it failed with."""
        return None if self._moto.error is None else str(self._moto.error)

    @property
    def cause(self) -> str | None:
        """What that error says."""
        return None if self._moto.cause is None else str(self._moto.cause)

    @property
    def history(self) -> list[dict[str, Any]]:
        """Its events, as GetExecutionHistory tells them."""
        return list(self._moto.to_history_output()["events"])

    @property
    def states(self) -> list[str]:
        """The states it has entered, in this order; a state of a Map as often as there are items."""
        entered = (event.get("stateEnteredEventDetails") for event in self.history)
        return [details["name"] for details in entered if details]

    def wait(self, timeout_s: float = LONGEST_S) -> "Execution":
        """Return when it has ended.

        Raises:
            StillRunningError: it has not in this time.
        """
        if not self._moto.has_ended.wait(timeout_s):
            raise StillRunningError(f"{self.arn} is in {self.states[-1:]} after {timeout_s} s.")
        return self

    def stop(self) -> None:
        """Let it enter no further state; a task it is in goes on, but nothing comes of it."""
        deadline = time.monotonic() + STOPPED_WITHIN_S
        while not has_ended(self._moto) and time.monotonic() < deadline:
            environment = self._moto.exec_worker.env
            if environment is not None and environment.is_running():
                environment.set_stop(stop_date=datetime.now(UTC), error=None, cause=None)
                return
            time.sleep(0.001)  # it has just been started, or is just ending


@contextmanager
def executing(functions: Functions, clock: WorkflowClock | None = None) -> Iterator[None]:
    """Carry out functions and state machines, on moto in whatever form it runs; what still runs at the end is stopped.

    Args:
        functions: What tasks invoke.
        clock: Has workflows not wait in earnest.

    Raises:
        RuntimeError: moto is not of the version that the repairs are for.
    """
    repairs.install()
    with ExitStack() as stack:
        stack.enter_context(patch.dict(default_user_config, {"stepfunctions": {"execute_state_machine": True}}))
        stack.enter_context(functions.answering())
        if clock is not None:
            stack.enter_context(clock.ticking())
        stack.callback(_stop_all)
        yield


def _stop_all() -> None:
    running = [execution for execution in executions() if execution.status == "RUNNING"]
    for execution in running:
        execution.stop()
    for execution in running:
        execution.wait()


def executions(machine_arn: str | None = None) -> list[Execution]:
    """Return the executions of a state machine, or of all, oldest first of each."""
    machines = [
        machine
        for regions in stepfunctions_parser_backends.values()
        for backend in regions.values()
        for machine in backend.state_machines
        if machine_arn in (None, machine.arn)
    ]
    return [Execution(execution) for machine in machines for execution in list(machine.executions)]
