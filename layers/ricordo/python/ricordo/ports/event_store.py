from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ricordo.domain.episode import Episode
from ricordo.domain.event import Event, EventQuery, Lease
from ricordo.domain.fact import Fact
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.paging import Page, PageRequest


@dataclass(frozen=True, slots=True)
class ClaimedWork:
    """An event, the lease to work on it, and the episode behind it where it is an add."""

    event: Event
    lease: Lease
    episode: Episode | None


class EventStore(Protocol):
    """Accepted operations: the record of each, and who may work on it now."""

    def accept(self, event: Event, episode: Episode | None) -> bool:
        """Write event and episode together; False when this event id was accepted before.

        The event becomes claimable after a grace time, so that an accepted event ends even if nobody starts
        it.
        """
        ...

    def get(self, project_id: ProjectId, event_id: EventId) -> Event:
        """Return one event.

        Raises:
            EventNotFoundError: no such event in this project.
        """
        ...

    def list(self, project_id: ProjectId, query: EventQuery, page: PageRequest) -> Page[Event]:
        """Return events, newest first."""
        ...

    def claim(
        self, *, now: datetime, lease_s: float, named: tuple[ProjectId, EventId] | None = None
    ) -> ClaimedWork | None:
        """Take the oldest event that is due, over all projects, or the one named even if it is not due yet.

        An event is due when it is not final and no lease on it is running. None when there is none, or when
        another holds the named one.
        """
        ...

    def renew(self, lease: Lease, *, until: datetime) -> Lease:
        """Extend a lease.

        Raises:
            LeaseLostError: it was taken over.
        """
        ...

    def keep_facts(self, lease: Lease, facts: Sequence[Fact], notes: dict[str, object]) -> None:
        """Store what was extracted from the part at hand, once: a second call changes nothing.

        Raises:
            LeaseLostError: the lease was taken over.
        """
        ...

    def kept_facts(self, lease: Lease) -> tuple[Sequence[Fact], dict[str, object]] | None:
        """Return what `keep_facts` stored first, or None."""
        ...

    def finish(self, lease: Lease, event: Event) -> None:
        """Write the final state of the event, or hand it back: a PENDING event becomes due at `lease.until`.

        One handed back without an error has a part done; what `keep_facts` kept for it is forgotten.

        Raises:
            LeaseLostError: the lease was taken over.
        """
        ...
