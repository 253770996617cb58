from collections import deque
from collections.abc import Sequence

from ricordo.domain.announcement import Announcement

_KEPT = 1000


class KeptAnnouncements:
    """`ports.announcements.Announcements` in this process's memory, the last thousand of them."""

    def __init__(self) -> None:
        self.kept: deque[Announcement] = deque(maxlen=_KEPT)

    def announce(self, announcements: Sequence[Announcement]) -> None:
        self.kept.extend(announcements)
