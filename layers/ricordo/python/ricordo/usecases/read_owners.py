from ricordo.domain.ids import ProjectId
from ricordo.domain.paging import Page, PageRequest
from ricordo.domain.project import OwnerRecord, OwnerTotals
from ricordo.domain.scope import Owner
from ricordo.ports.owner_store import OwnerStore


def get_owner(owner: Owner, *, project_id: ProjectId, owners: OwnerStore) -> OwnerRecord:
    """Return one owner.

    Raises:
        OwnerNotFoundError: nothing was ever added for it, or it was deleted.
    """
    return owners.get(project_id, owner)


def list_owners(page: PageRequest, *, project_id: ProjectId, owners: OwnerStore) -> Page[OwnerRecord]:
    """Return one page of owners, last changed first."""
    return owners.list(project_id, page)


def owner_totals(*, project_id: ProjectId, owners: OwnerStore) -> OwnerTotals:
    """Count the owners of each type."""
    return owners.totals(project_id)
