"""One answer an Idempotency-Key."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from support.builders import OTHER_PROJECT, PROJECT
from support.faults import Crash
from support.house import House

from ricordo.domain.errors import IdempotencyConflictError, MissingScopeError
from ricordo.domain.ids import ProjectId
from ricordo.usecases.answer_once import LEASE, answer_once

DAY_S = 86_400


class Operation:
    """Counts its effects."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.effects = 0
        self._error = error

    def __call__(self) -> str:
        if self._error is not None:
            raise self._error
        self.effects += 1
        return f"answer {self.effects}"


def ask(house: House, operation: Callable[[], str], fingerprint: str = "f1", project_id: ProjectId = PROJECT) -> str:
    """Run an operation under the key k."""
    return answer_once(
        operation,
        project_id=project_id,
        key="k",
        fingerprint=fingerprint,
        store=house.stores.idempotency,
        clock=house.clock,
    )


def test_a_repetition_gets_the_first_answer_for_seven_days(house: House) -> None:
    """The operation runs once; after seven days the key is new."""
    operation = Operation()

    answers = [ask(house, operation) for _ in range(3)]
    house.clock.advance(7 * DAY_S)
    answers.append(ask(house, operation))
    house.clock.advance(1)
    answers.append(ask(house, operation))

    assert answers == ["answer 1"] * 4 + ["answer 2"]


def test_callers_at_the_same_time_get_one_answer(house: House) -> None:
    """Five threads with one key: one effect and five equal answers."""
    operation = Operation()
    together = Barrier(5)

    def call(_number: int) -> str:
        together.wait()
        return ask(house, operation)

    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(call, range(5)))

    assert answers == ["answer 1"] * 5
    assert operation.effects == 1


def test_an_operation_that_raises_frees_its_key(house: House) -> None:
    """A refusal is not kept: another request may use the key at once."""
    with pytest.raises(MissingScopeError):
        ask(house, Operation(MissingScopeError("no scope")))

    assert ask(house, Operation(), fingerprint="f2") == "answer 1"


def test_another_request_under_the_key_is_refused(house: House) -> None:
    """Other body, same key: a conflict. The same key in another project is another key."""
    ask(house, Operation())

    with pytest.raises(IdempotencyConflictError):
        ask(house, Operation(), fingerprint="f2")
    assert ask(house, Operation(), fingerprint="f2", project_id=OTHER_PROJECT) == "answer 1"


def test_waiting_for_another_caller_has_an_end(house: House) -> None:
    """A caller that waits in vain is told so; once the first one's lease has ended the next takes over."""
    now = house.clock.now()
    house.stores.idempotency.claim(PROJECT, "k", fingerprint="f1", now=now, until=now + LEASE)

    with pytest.raises(IdempotencyConflictError, match="still at work"):
        ask(house, Operation())

    house.clock.advance(LEASE.total_seconds())
    assert ask(house, Operation()) == "answer 1"


def test_a_crash_during_the_operation_frees_the_key(house: House) -> None:
    """Whatever ends the operation, the key is given back."""
    with pytest.raises(Crash):
        ask(house, Operation(Crash()))

    assert ask(house, Operation()) == "answer 1"


def test_a_caller_that_took_too_long_does_not_overwrite_who_took_over(house: House) -> None:
    """Whoever comes later gets the answer of the caller whose lease was running."""

    def too_long() -> str:
        house.clock.advance(LEASE.total_seconds())
        assert ask(house, Operation()) == "answer 1"
        return "late answer"

    assert ask(house, too_long) == "late answer"
    assert ask(house, Operation()) == "answer 1"
