"""How often a model is called, for how long, and how many calls go at once."""

import threading
from collections.abc import Callable

import pytest
from support.clocks import FrozenClock

from ricordo.domain.model_calls import OUT_OF_TIME, Attempts, CallFailedError, Meaning, Patience, in_parallel

BUSY = Meaning("busy", is_transient=True)
REFUSED = Meaning("refused")


def failing(*errors: CallFailedError) -> tuple[Callable[[], str], list[str]]:
    """Return a call that fails with these in turn and then answers, and the list of calls made."""
    left = list(errors)
    made: list[str] = []

    def call() -> str:
        made.append("call")
        if left:
            raise left.pop(0)
        return "answer"

    return call, made


def attempts(clock: FrozenClock, patience: Patience | None = None) -> Attempts:
    """Begin to try, with the longest pauses chance may give."""
    return Attempts(patience or Patience(draw=lambda: 1.0), now=clock.now, sleep=clock.sleep)


def elapsed_s(clock: FrozenClock) -> float:
    """Seconds that were slept."""
    return (clock.now() - FrozenClock().now()).total_seconds()


def test_a_passing_failure_is_tried_again_after_growing_pauses() -> None:
    """Each pause may be twice the one before, up to the longest."""
    clock = FrozenClock()
    call, made = failing(*[CallFailedError(BUSY)] * 4)

    assert attempts(clock, Patience(longest_pause_s=0.6, draw=lambda: 1.0)).make(call) == "answer"
    assert len(made) == 5
    assert elapsed_s(clock) == pytest.approx(0.25 + 0.5 + 0.6 + 0.6)


def test_pauses_are_drawn_from_their_whole_range() -> None:
    """Full jitter: callers that failed together do not come back together."""
    patience = Patience(draw=iter([0.0, 0.5]).__next__)

    assert (patience.pause_s(3), patience.pause_s(3)) == (0.0, 0.5)


def test_a_refusal_is_not_tried_again() -> None:
    """What fails the same way next time is raised at once."""
    call, made = failing(CallFailedError(REFUSED))

    with pytest.raises(CallFailedError, match="refused"):
        attempts(FrozenClock()).make(call)
    assert len(made) == 1


def test_tries_are_counted() -> None:
    """After the last one its failure is raised."""
    call, made = failing(*[CallFailedError(BUSY)] * 9)

    with pytest.raises(CallFailedError, match="busy"):
        attempts(FrozenClock()).make(call)
    assert len(made) == 5


def test_a_pause_that_would_outlast_the_time_is_not_begun() -> None:
    """Whoever cannot wait long enough hears at once, and the clock has not moved."""
    clock = FrozenClock()
    call, made = failing(CallFailedError(BUSY, retry_after_s=30.0))

    with pytest.raises(CallFailedError, match="busy"):
        attempts(clock).make(call)
    assert (len(made), elapsed_s(clock)) == (1, 0.0)


def test_the_server_may_ask_for_a_longer_pause() -> None:
    """A pause the server names is kept, not cut short by chance."""
    clock = FrozenClock()
    call, _ = failing(CallFailedError(BUSY, retry_after_s=7.0))

    assert attempts(clock, Patience(draw=lambda: 0.0)).make(call) == "answer"
    assert elapsed_s(clock) == 7.0


def test_the_caller_may_have_less_time_than_the_budget() -> None:
    """A Lambda that ends in a second does not wait two, and with no time left nothing is tried."""
    call, made = failing(CallFailedError(BUSY, retry_after_s=2.0))
    with pytest.raises(CallFailedError, match="busy"):
        attempts(FrozenClock(), Patience(time_left_s=lambda: 1.0)).make(call)
    with pytest.raises(CallFailedError, match=OUT_OF_TIME.message):
        attempts(FrozenClock(), Patience(time_left_s=lambda: 0.0)).make(call)
    assert len(made) == 1


def test_more_texts_may_take_longer() -> None:
    """The budget grows with the texts of a call, and nothing else does."""
    patience = Patience(budget_s=4.0, text_s=0.5, attempts=2)
    assert patience.for_texts(16) == Patience(budget_s=12.0, text_s=0.5, attempts=2)


def test_calls_share_one_budget() -> None:
    """Time that one call took is missing for the next."""
    clock = FrozenClock()
    trying = attempts(clock, Patience(budget_s=10.0))
    clock.advance(9.0)

    assert trying.time_left_s() == 1.0


def test_answers_come_in_the_order_of_the_items() -> None:
    """However calls overtake each other, each answer stands at its item's place."""
    overtaken = threading.Event()

    def call(item: int) -> int:
        if item == 0:
            assert overtaken.wait(5)
        overtaken.set()
        return item * 10

    assert in_parallel(call, [0, 1, 2], at_most=2) == [0, 10, 20]


def test_no_more_calls_go_at_once_than_allowed() -> None:
    """The bound holds, and is used."""
    going, most, lock = 0, 0, threading.Lock()
    met = threading.Barrier(3, timeout=5)

    def call(_: int) -> None:
        nonlocal going, most
        with lock:
            going += 1
            most = max(most, going)
        met.wait()
        with lock:
            going -= 1

    in_parallel(call, range(9), at_most=3)
    assert most == 3


@pytest.mark.parametrize("at_most", [1, 2])
def test_a_failure_ends_what_is_not_begun(at_most: int) -> None:
    """The first failure is raised and the rest of a long list is left alone."""
    made: list[int] = []

    def call(item: int) -> None:
        made.append(item)
        raise ValueError(item)

    with pytest.raises(ValueError, match="0"):
        in_parallel(call, range(500), at_most=at_most)
    assert len(made) < 500
