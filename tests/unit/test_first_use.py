"""Ports that are made when they are first asked."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier

import pytest

from ricordo.domain.errors import UnavailableError
from ricordo.runtime.first_use import HeldOpen, at_first_use


@dataclass
class Lamp:
    """Something that is made, used and closed."""

    made: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.made.append("made")

    def shine(self) -> str:
        """Use it."""
        return "light"

    def close(self) -> None:
        """Close it."""
        self.made.append("closed")


def test_nothing_is_made_before_it_is_asked() -> None:
    """It is made by the first question, and only once."""
    made: list[str] = []
    lamp = at_first_use(lambda: Lamp(made))
    assert made == []

    assert (lamp.shine(), lamp.shine()) == ("light", "light")

    assert made == ["made"]


def test_threads_that_ask_at_once_share_one() -> None:
    """Whoever comes while it is made waits for it."""
    made: list[str] = []
    lamp, together = at_first_use(lambda: Lamp(made)), Barrier(8)

    def ask(_: int) -> str:
        together.wait()
        return lamp.shine()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"light"}
    assert made == ["made"]


def test_what_could_not_be_made_is_tried_again() -> None:
    """A part that is down at the first question may be up at the next."""
    outcomes = iter([UnavailableError("down"), Lamp()])

    def make() -> Lamp:
        outcome = next(outcomes)
        if isinstance(outcome, UnavailableError):
            raise outcome
        return outcome

    lamp = at_first_use(make)
    with pytest.raises(UnavailableError):
        lamp.shine()

    assert lamp.shine() == "light"


def test_only_what_was_opened_is_closed() -> None:
    """Closing opens nothing."""
    used: list[str] = []
    idle: list[str] = []
    held = HeldOpen()
    lamp = held.at_first_use(lambda: Lamp(used))
    held.at_first_use(lambda: Lamp(idle))
    lamp.shine()

    held.close()

    assert used == ["made", "closed"]
    assert idle == []
