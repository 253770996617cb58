from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ricordo.domain.consolidation import ChangedScope, ScopeClaim
from ricordo.domain.errors import ConflictError, LeaseLostError, UnavailableError
from ricordo.domain.filters import OwnedBy
from ricordo.domain.ids import ProjectId
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import Owner
from ricordo.ports.clock import Clock
from ricordo.ports.consolidations import Consolidations
from ricordo.ports.owner_store import OwnerStore
from ricordo.ports.search_index import SearchIndex
from ricordo.usecases.reindex import PAGE, Truth, fill_page

LEASE: Final = timedelta(minutes=15)  # a Lambda function lives no longer
# What is accepted before a run, or before a scope's last change, may be stored after it.
OVERLAP: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Consolidated:
    """How many scopes were consolidated, how many could not be now, and how many memories were given a vector."""

    scopes: int = 0
    failed: int = 0
    filled: int = 0


def changed_scopes(
    project_id: ProjectId, page: PageRequest, *, since: datetime | None, owners: OwnerStore
) -> tuple[Sequence[ChangedScope], PageRequest | None]:
    """Return owners that memories were added for since the last run, the last changed first, and where to go on."""
    listed = owners.list(project_id, page)
    changed = [
        ChangedScope(Owner(record.type, record.owner_id), record.updated_at)
        for record in listed.items
        if since is None or record.updated_at >= since - OVERLAP
    ]
    is_last = len(changed) < len(listed.items) or not listed.has_next
    return changed, None if is_last else PageRequest(page.number + 1, page.size, listed.end)


def consolidate_scopes(
    project_id: ProjectId,
    scopes: Sequence[ChangedScope],
    *,
    holder: str,
    consolidations: Consolidations,
    truth: Truth,
    index: SearchIndex,
    clock: Clock,
) -> Consolidated:
    """Consolidate each of these scopes whose change was not taken in yet; those that another run is at count as failed.

    Raises:
        UnavailableError: a part is down that all of them need; those that need it not are done.
    """
    done, held, filled = 0, 0, 0
    down: list[UnavailableError] = []
    for scope in scopes:
        now = clock.now()
        try:
            claim = consolidations.claim(project_id, scope, holder=holder, now=now, until=now + LEASE)
            if claim is None:
                continue
            filled += consolidate_scope(claim, truth=truth, index=index)
            consolidations.complete(claim)
        except (ConflictError, LeaseLostError):
            held += 1
        except UnavailableError as error:
            down.append(error)
        else:
            done += 1
    if down and not done:
        raise down[0]
    return Consolidated(done, held + len(down), filled)


def consolidate_scope(claim: ScopeClaim, *, truth: Truth, index: SearchIndex) -> int:
    """Give what came to a scope since it was last consolidated the vectors it lacks; count them.

    Raises:
        UnavailableError: the model, the truth or the index is down.
    """
    since = None if claim.since is None else claim.since - OVERLAP
    owned = OwnedBy(claim.owner.type, frozenset([claim.owner.id]))
    request: PageRequest | None = PageRequest(1, PAGE)
    filled = 0
    while request is not None:
        page = truth.memories.list(claim.project_id, owned, request)
        came = [memory for memory in page.items if since is None or memory.accepted_at >= since]
        filled += fill_page(came, project_id=claim.project_id, truth=truth, index=index)
        is_last = len(came) < len(page.items) or not page.has_next or page.end is None
        request = None if is_last else PageRequest(request.number + 1, PAGE, page.end)
    return filled
