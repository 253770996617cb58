from typing import Protocol

from ricordo.domain.ids import EventId, ProjectId


class Ingestion(Protocol):
    """Starts the background work on an accepted event."""

    def start(self, project_id: ProjectId, event_id: EventId) -> None:
        """Have the event worked on soon. Starting twice is harmless: the lease lets one worker in."""
        ...
