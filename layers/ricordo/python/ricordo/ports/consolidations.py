from datetime import datetime
from typing import Protocol

from ricordo.domain.consolidation import ChangedScope, ConsolidationRun, ProjectReport, ScopeClaim
from ricordo.domain.ids import ProjectId


class Consolidations(Protocol):
    """The records of nightly runs, and who consolidates which scope."""

    def begin(self, run_id: str, *, at: datetime) -> ConsolidationRun:
        """Write the record of a run; return the one that stands, which may be of an earlier try."""
        ...

    def claim(
        self, project_id: ProjectId, scope: ChangedScope, *, holder: str, now: datetime, until: datetime
    ) -> ScopeClaim | None:
        """Take a scope, so that no other holder gets it until `until`; None when this change was taken in already.

        The same holder gets it again: it goes on after a crash.

        Raises:
            ConflictError: another holder is at it.
        """
        ...

    def complete(self, claim: ScopeClaim) -> None:
        """Note that the change was taken in.

        Raises:
            LeaseLostError: the scope was taken over.
        """
        ...

    def report(self, run_id: str, report: ProjectReport, *, through: datetime | None) -> None:
        """Write what a run did in a project, in the place of an earlier try's report.

        `through` is the time up to which all changes of its scopes were taken in; None if some were not.
        """
        ...

    def consolidated_through(self, project_id: ProjectId) -> datetime | None:
        """Return the last `through` of a project."""
        ...

    def finish(self, run_id: str, *, at: datetime, error: str | None = None) -> None:
        """Write how a run ended."""
        ...

    def get(self, run_id: str) -> ConsolidationRun:
        """Return the record of a run, its projects by id.

        Raises:
            NotFoundError: there is no such run.
        """
        ...
