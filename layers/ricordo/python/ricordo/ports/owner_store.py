from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from ricordo.domain.ids import ProjectId
from ricordo.domain.paging import Page, PageRequest
from ricordo.domain.project import OwnerRecord, OwnerTotals
from ricordo.domain.scope import Owner, Scope


class OwnerStore(Protocol):
    """The users, agents, apps and runs of a project."""

    def touch(
        self, project_id: ProjectId, scope: Scope, *, at: datetime, speakers: frozenset[str] = frozenset()
    ) -> None:
        """Record the owners of a scope, and who speaks there: known owners get `at` as their last change."""
        ...

    def speakers(self, project_id: ProjectId, owners: Collection[Owner]) -> frozenset[str]:
        """Return names of those who speak in the memories of these owners, as far as known.

        They may be a minute old, and outlive a single memory until the owner's memories are deleted.
        """
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
