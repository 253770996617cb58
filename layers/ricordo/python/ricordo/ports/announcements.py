from collections.abc import Sequence
from typing import Protocol

from ricordo.domain.announcement import Announcement


class Announcements(Protocol):
    """Tells the outside what happened."""

    def announce(self, announcements: Sequence[Announcement]) -> None:
        """Tell all of these, each at least once and in no promised order.

        Raises:
            UnavailableError: some may not have been told; all may be told again.
        """
        ...
