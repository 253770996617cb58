from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ricordo.domain.event import Event, Lease
from ricordo.domain.ids import EventId, ProjectId
from ricordo.ports.event_store import ClaimedWork


class WorkRelay(Protocol):
    """Hands work on events over: from one step of a workflow to the next, and to a new start."""

    def resume(self, lease: Lease) -> ClaimedWork:
        """Return the work that a lease was taken for, for a step that knows the lease alone.

        Raises:
            LeaseLostError: the lease was taken over, or the event has ended.
        """
        ...

    def due(self, *, now: datetime, limit: int) -> Sequence[Event]:
        """Return events whose work is due and that nobody works on, of all projects, the longest due first.

        Messages may be left out.
        """
        ...

    def redrive(self, project_id: ProjectId, event_id: EventId, *, now: datetime) -> Event:
        """Have a FAILED event worked on again, from where it came to, with all its tries before it.

        Raises:
            EventNotFoundError: no such event in this project.
            ConflictError: it has not failed.
        """
        ...
