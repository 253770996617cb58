from typing import Protocol

from ricordo.domain.event import Event


class Ingestion(Protocol):
    """Starts the background work on an accepted event."""

    def start(self, event: Event) -> None:
        """Have the event worked on soon. Starting twice is harmless: the lease lets one worker in.

        A start that fails does no harm either: what was accepted becomes due by itself.

        Raises:
            UnavailableError: who would do the work cannot be told now.
        """
        ...
