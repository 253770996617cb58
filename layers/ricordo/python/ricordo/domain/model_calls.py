"""Calls to a model's server: how often one is tried, for how long, and several at once."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from typing import Final, NamedTuple, TypeVar

from ricordo.domain.errors import ExtractorUnavailableError, ThrottledError, UnavailableError

T = TypeVar("T")
R = TypeVar("R")


class Meaning(NamedTuple):
    """What a failure means to us: a message for the operator, and whether the same call may succeed in a moment.

    `is_throttling` says that it would succeed if there were fewer of its kind.
    """

    message: str
    is_transient: bool = False
    is_throttling: bool = False


OUT_OF_TIME: Final = Meaning("The time for calling the model is over.")


class CallFailedError(Exception):
    """A call to a model's server failed; adapters turn it into an error of `domain/errors.py`."""

    def __init__(self, meaning: Meaning, *, retry_after_s: float = 0.0) -> None:
        super().__init__(meaning.message)
        self.meaning = meaning
        self.retry_after_s = retry_after_s

    @property
    def message(self) -> str:
        """What the operator is told."""
        return self.meaning.message


def extraction_failure(error: CallFailedError) -> UnavailableError:
    """Return what an extractor raises for a call that failed."""
    kind = ThrottledError if error.meaning.is_throttling else ExtractorUnavailableError
    return kind(error.message)


def _unbounded() -> float:
    return inf


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often a call is tried: exponential pauses with full jitter.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/

    Attributes:
        budget_s: Time for all tries and the pauses between them.
        text_s: How much longer it is for each text of a call that takes several.
        attempts: Most tries.
        time_left_s: Tells what is left of the caller's own time, e.g. of a Lambda invocation.
        draw: Gives a number in [0, 1).
    """

    budget_s: float = 20.0
    text_s: float = 0.0
    attempts: int = 5
    first_pause_s: float = 0.25
    longest_pause_s: float = 5.0
    time_left_s: Callable[[], float] = _unbounded
    draw: Callable[[], float] = random.random

    def for_texts(self, count: int) -> "Patience":
        """Return the patience with a call that takes so many texts."""
        return replace(self, budget_s=self.budget_s + count * self.text_s)

    def pause_s(self, failures: int) -> float:
        """Return how long to wait after so many failures."""
        return self.draw() * min(self.longest_pause_s, self.first_pause_s * 2.0 ** (failures - 1))


class Attempts:
    """Tries of calls that share one budget, which begins now; several threads may try."""

    def __init__(self, patience: Patience, *, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._patience = patience
        self._now = now
        self._sleep = sleep
        self._ends_at = now() + timedelta(seconds=patience.budget_s)

    def time_left_s(self) -> float:
        """Return the seconds left, of the budget and of the caller's time."""
        return min((self._ends_at - self._now()).total_seconds(), self._patience.time_left_s())

    def make(self, call: Callable[[], T]) -> T:
        """Call until it succeeds; a pause that would outlast the time left is not begun.

        Raises:
            CallFailedError: the last failure.
        """
        failures = 0
        while self.time_left_s() > 0:
            try:
                return call()
            except CallFailedError as error:
                failures += 1
                if not error.meaning.is_transient or failures >= self._patience.attempts:
                    raise
                pause_s = max(self._patience.pause_s(failures), error.retry_after_s)
                if pause_s >= self.time_left_s():
                    raise
            self._sleep(pause_s)
        raise CallFailedError(OUT_OF_TIME)


def in_parallel(call: Callable[[T], R], items: Sequence[T], *, at_most: int) -> list[R]:
    """Call for each item, up to `at_most` at once; answers come in the order of the items.

    The first failure in that order is raised, and calls not begun by then are not made.
    """
    if min(len(items), at_most) <= 1:
        return [call(item) for item in items]
    with ThreadPoolExecutor(min(at_most, len(items)), "model-call") as pool:
        calls = [pool.submit(call, item) for item in items]
        try:
            return [made.result() for made in calls]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
