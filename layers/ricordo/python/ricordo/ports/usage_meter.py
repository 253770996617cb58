from datetime import date
from typing import Protocol

from ricordo.domain.ids import ProjectId
from ricordo.domain.usage import ModelUsage


class UsageMeter(Protocol):
    """What each project's calls to models came to, by day, model and kind."""

    def record(self, project_id: ProjectId, usage: ModelUsage) -> None:
        """Add to the totals of its day, model and kind.

        Raises:
            UnavailableError: the store is down; the caller goes on without the count.
        """
        ...

    def totals(self, project_id: ProjectId, since: date) -> list[ModelUsage]:
        """Return the totals from that day (UTC) on, ordered by day, kind and model."""
        ...
