"""Waiting for several things at once."""

import threading
from collections.abc import Iterator

import pytest

from ricordo.runtime.observability import recording, span
from ricordo.runtime.side_by_side import SideBySide


@pytest.fixture
def together() -> Iterator[SideBySide]:
    """A runner with two threads besides the caller's."""
    runner = SideBySide(2)
    yield runner
    runner.close()


def test_tasks_run_at_the_same_time(together: SideBySide) -> None:
    """Three tasks that wait for each other all come through."""
    meeting = threading.Barrier(3)

    together([lambda: meeting.wait(5)] * 3)

    assert not meeting.broken


def test_more_tasks_than_threads_all_run(together: SideBySide) -> None:
    """What finds no thread free waits for one."""
    done: list[int] = []

    together([lambda number=number: done.append(number) for number in range(9)])

    assert sorted(done) == list(range(9))


@pytest.mark.parametrize("place", [0, 2])
def test_what_a_task_raises_comes_out_when_all_have_ended(together: SideBySide, place: int) -> None:
    """The others are not left running, whichever fails."""
    done: list[int] = []

    def task(number: int) -> None:
        if number == place:
            raise KeyError(number)
        done.append(number)

    with pytest.raises(KeyError):
        together([lambda number=number: task(number) for number in range(3)])

    assert len(done) == 2


def test_spans_of_all_tasks_are_recorded(together: SideBySide) -> None:
    """A task tells its time as if it had run in its caller."""

    def timed(name: str) -> None:
        with span(name):
            pass

    with recording() as spans:
        together([lambda: timed("one_ms"), lambda: timed("other_ms")])

    assert set(spans) == {"one_ms", "other_ms"}
