"""What every clock does, the tests' own included."""

from datetime import UTC, timedelta

import pytest
from support.clocks import FrozenClock

from ricordo.adapters.builtin.clock import SystemClock
from ricordo.ports.clock import Clock


@pytest.fixture(params=[SystemClock, FrozenClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    """A clock of each kind."""
    made: Clock = request.param()
    return made


def test_now_is_utc(clock: Clock) -> None:
    """Times are aware and in UTC."""
    assert clock.now().tzinfo is UTC


def test_time_does_not_run_backwards(clock: Clock) -> None:
    """A later reading is not an earlier time."""
    first = clock.now()

    assert clock.now() >= first


def test_sleeping_takes_its_time(clock: Clock) -> None:
    """After a sleep at least that time has passed."""
    first = clock.now()

    clock.sleep(0.002)

    assert clock.now() - first >= timedelta(seconds=0.002)
