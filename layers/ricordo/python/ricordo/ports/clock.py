from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time, and waiting."""

    def now(self) -> datetime:
        """Return the time in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...
