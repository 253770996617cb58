"""What workflows wait for, told and not slept through; timeouts of tasks stay real."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Literal
from unittest.mock import patch

from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction


@dataclass(frozen=True, slots=True)
class Pause:
    """A wait of a workflow: before a retry of a state, or because it is a Wait state."""

    execution: str
    state: str
    kind: Literal["retry", "wait"]
    seconds: float


@dataclass(slots=True)
class WorkflowClock:
    """Stands in for time between tasks.

    Attributes:
        passed: Called with the seconds of each pause instead of sleeping, e.g. to move a clock on.
        pauses: All pauses so far, oldest first.
    """

    passed: Callable[[float], None] = lambda _seconds: None
    pauses: list[Pause] = field(default_factory=list)
    _here: threading.local = field(default_factory=threading.local)

    @contextmanager
    def ticking(self) -> Iterator["WorkflowClock"]:
        """Let every workflow of this process wait by this clock."""
        retry = RetrierDecl._eval_body  # noqa: SLF001  there is no other way in

        def retry_here(retrier: Any, env: Any) -> None:
            self._here.env = env  # the sleep that follows says neither who waits nor where
            retry(retrier, env)

        def wait(_state: Any, env: Any, wait_seconds: float) -> None:
            self._note(env, "wait", wait_seconds)

        sleeper = SimpleNamespace(sleep=lambda seconds: self._note(self._here.env, "retry", seconds))
        with (
            patch.object(RetrierDecl, "_eval_body", retry_here),
            patch.object(retrier_decl, "time", sleeper),
            patch.object(WaitFunction, "_wait_interval", wait),
        ):
            yield self

    def _note(self, env: Any, kind: Literal["retry", "wait"], seconds: float) -> None:
        execution = env.states.context_object.context_object_data["Execution"]["Id"]
        self.pauses.append(Pause(execution, env.next_state_name, kind, seconds))
        self.passed(seconds)
