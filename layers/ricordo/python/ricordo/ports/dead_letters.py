from collections.abc import Mapping
from typing import Protocol


class DeadLetters(Protocol):
    """Where work goes that cannot be done and must not hold up the rest; an operator looks at it."""

    def put(self, reason: str, letter: Mapping[str, str]) -> None:
        """Keep what is needed to do the work later: ids, never memory text.

        Raises:
            UnavailableError: it could not be kept; the work must stay where it is.
        """
        ...
