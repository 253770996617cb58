"""Counting tokens without a write for each search."""

from datetime import date

import pytest
from support.builders import OTHER_PROJECT, PROJECT
from support.clocks import FrozenClock
from support.meters import CountingMeter

from ricordo.domain.errors import UnavailableError
from ricordo.domain.usage import ModelUsage, UsageKind
from ricordo.runtime.buffered_meter import BufferedMeter

DAY = date(2026, 3, 9)


def usage(tokens: int, *, day: date = DAY) -> ModelUsage:
    """Return what one call came to."""
    return ModelUsage(model_id="titan", kind=UsageKind.EMBED, requests=1, input_tokens=tokens, output_tokens=0, day=day)


@pytest.fixture
def clock() -> FrozenClock:
    """A clock the test moves."""
    return FrozenClock()


@pytest.fixture
def meter() -> CountingMeter:
    """Where the sums go."""
    return CountingMeter()


@pytest.fixture
def buffered(meter: CountingMeter, clock: FrozenClock) -> BufferedMeter:
    """A buffer of a minute before it."""
    return BufferedMeter(meter, clock=clock)


def test_calls_of_a_while_are_one_record(buffered: BufferedMeter, meter: CountingMeter, clock: FrozenClock) -> None:
    """Nothing is written within the minute; then the sum is, by project and day."""
    buffered.record(PROJECT, usage(3))
    buffered.record(PROJECT, usage(4))
    buffered.record(OTHER_PROJECT, usage(5))
    buffered.record(PROJECT, usage(6, day=date(2026, 3, 10)))
    assert meter.records == []

    clock.advance(60)
    buffered.record(PROJECT, usage(1))

    counted = {(project, one.day): (one.requests, one.input_tokens) for project, one in meter.records}
    assert counted == {
        (PROJECT, DAY): (3, 8),
        (OTHER_PROJECT, DAY): (1, 5),
        (PROJECT, date(2026, 3, 10)): (1, 6),
    }


def test_flushing_hands_on_what_is_held_once(buffered: BufferedMeter, meter: CountingMeter) -> None:
    """At the end of a process nothing is lost, and nothing counted twice."""
    buffered.record(PROJECT, usage(3))

    buffered.flush()
    buffered.flush()

    assert [one.input_tokens for _, one in meter.records] == [3]


def test_what_the_store_does_not_take_is_held(buffered: BufferedMeter, meter: CountingMeter) -> None:
    """A store that is down costs no count."""
    buffered.record(PROJECT, usage(3))
    meter.error = UnavailableError("down")
    buffered.flush()
    buffered.record(PROJECT, usage(4))
    meter.error = None

    buffered.flush()

    assert [(one.requests, one.input_tokens) for _, one in meter.records] == [(2, 7)]


def test_totals_count_what_is_held(buffered: BufferedMeter) -> None:
    """Whoever asks sees all of it."""
    buffered.record(PROJECT, usage(3))

    assert [one.input_tokens for one in buffered.totals(PROJECT, DAY)] == [3]
