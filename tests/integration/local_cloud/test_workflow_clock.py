"""What workflows wait for, told and not slept through."""

import time
from itertools import count
from typing import Any

import pytest
from support.small_account import Account, task


class BusyError(Exception):
    """An error that passes."""


def busy(times: int) -> Any:
    """Make a handler that fails so often at first."""
    numbers = count()

    def handler(_event: Any, _context: Any) -> str:
        if next(numbers) < times:
            raise BusyError
        return "done"

    return handler


RETRY = {"ErrorEquals": ["BusyError"], "IntervalSeconds": 10, "BackoffRate": 2, "MaxAttempts": 3}


def test_back_off_is_told(account: Account) -> None:
    """Each retry waits longer by the rate, and nobody waits for it."""
    account.function("busy", busy(3))
    began = time.monotonic()
    execution = account.run({"ask": task("busy", Retry=[RETRY])})
    assert execution.output == "done"
    assert [(one.execution, one.state, one.kind, one.seconds) for one in account.clock.pauses] == [
        (execution.arn, "ask", "retry", seconds) for seconds in (10, 20, 40)
    ]
    assert time.monotonic() - began < 10


def test_retries_end(account: Account) -> None:
    """After the last attempt the error stands."""
    account.function("busy", busy(4))
    execution = account.run({"ask": task("busy", Retry=[RETRY])})
    assert (execution.status, execution.error) == ("FAILED", "BusyError")
    assert len(account.functions.invocations) == 4


def test_back_off_has_a_longest(account: Account) -> None:
    """No retry waits longer than it may."""
    account.function("busy", busy(3))
    account.run({"ask": task("busy", Retry=[RETRY | {"MaxDelaySeconds": 15}])})
    assert [one.seconds for one in account.clock.pauses] == [10, 15, 15]


def test_wait_state_is_told(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day passes at once, for whoever wants to know."""
    passed: list[float] = []
    monkeypatch.setattr(account.clock, "passed", passed.append)
    execution = account.run({"sleep": {"Type": "Wait", "Seconds": 86_400, "Next": "end"}, "end": {"Type": "Succeed"}})
    assert execution.status == "SUCCEEDED"
    assert [(one.state, one.kind) for one in account.clock.pauses] == [("sleep", "wait")]
    assert passed == [86_400]


def test_timeouts_are_real(account: Account) -> None:
    """A task that takes too long fails."""
    account.function("slow", lambda _event, _context: time.sleep(3))
    execution = account.run({"ask": task("slow", TimeoutSeconds=1)})
    assert (execution.status, execution.error) == ("FAILED", "States.Timeout")
