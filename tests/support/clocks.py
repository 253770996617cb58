"""A clock that stands still until told."""

import threading
import time
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


class FrozenClock:
    """`ports.clock.Clock` that moves only by `advance` and `sleep`; threads may share it."""

    def __init__(self, at: datetime = START) -> None:
        self._at = at
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._at

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        time.sleep(0)  # lets another thread run, as waiting would

    def advance(self, seconds: float) -> None:
        """Move the time on."""
        with self._lock:
            self._at += timedelta(seconds=seconds)
