from datetime import datetime
from typing import Protocol

from ricordo.domain.ids import ProjectId
from ricordo.domain.paging import Page, PageRequest
from ricordo.domain.project import OwnerRecord, OwnerTotals
from ricordo.domain.scope import Owner, Scope


class OwnerStore(Protocol):
    """The users, agents, apps and runs of a project."""

    def touch(self, project_id: ProjectId, scope: Scope, *, at: datetime) -> None:
        """Record the owners of a scope: new ones are created, known ones get `at` as their last change."""
        ...

    def get(self, project_id: ProjectId, owner: Owner) -> OwnerRecord:
        """Return one owner.

        Raises:
            OwnerNotFoundError: nothing was ever added for it, or it was deleted.
        """
        ...

    def list(self, project_id: ProjectId, page: PageRequest) -> Page[OwnerRecord]:
        """Return owners, last changed first."""
        ...

    def totals(self, project_id: ProjectId) -> OwnerTotals:
        """Count the owners of each type."""
        ...

    def remove(self, project_id: ProjectId, owner: Owner) -> None:
        """Remove the record of an owner; unknown ones are no error."""
        ...
