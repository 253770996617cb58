import time
from datetime import UTC, datetime


class SystemClock:
    """`ports.clock.Clock` of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
