"""The nightly run: what it did, and who works on a scope."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ricordo.domain.drift import Drift
from ricordo.domain.ids import ProjectId
from ricordo.domain.scope import Owner

_NONE = Drift()


@dataclass(frozen=True, slots=True)
class ChangedScope:
    """An owner, and when memories were last added for it."""

    owner: Owner
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ScopeClaim:
    """The right to consolidate one owner's memories, until another claim raises the epoch.

    Attributes:
        changed_at: The change that is taken in.
        since: The change up to which the scope was consolidated before; None if it never was.
    """

    project_id: ProjectId
    owner: Owner
    epoch: int
    changed_at: datetime
    since: datetime | None


@dataclass(frozen=True, slots=True)
class ProjectReport:
    """What a run did in one project.

    Attributes:
        scopes: Scopes that were consolidated.
        failed: Scopes that were not, because a part was down or another run was at them; the next run looks again.
        filled: Memories that were given the vector they lacked.
        swept: Memories removed because they were deleted, or had ended before the project's retention.
        error: Why the run stopped short in this project: an error's name.
    """

    project_id: ProjectId
    scopes: int = 0
    failed: int = 0
    filled: int = 0
    swept: int = 0
    index: Drift = _NONE
    graph: Drift = _NONE
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ConsolidationRun:
    """The record of a run; `error` says why it stopped short as a whole."""

    run_id: str
    started_at: datetime
    ended_at: datetime | None = None
    error: str | None = None
    projects: tuple[ProjectReport, ...] = ()


def report_fields(report: ProjectReport) -> dict[str, Any]:
    """Write a report as JSON fields."""
    return asdict(report)


def report_from(fields: Mapping[str, Any]) -> ProjectReport:
    """Read a report."""
    return ProjectReport(**{**fields, "index": Drift(**fields["index"]), "graph": Drift(**fields["graph"])})
