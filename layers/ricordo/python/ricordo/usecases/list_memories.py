from dataclasses import dataclass
from datetime import datetime

from ricordo.domain.filters import All, Expression, InState, UnexpiredAt
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import LifecycleState, Memory
from ricordo.domain.paging import Page, PageRequest
from ricordo.ports.memory_store import MemoryStore


@dataclass(frozen=True, slots=True)
class ListRequest:
    """Which memories to list; `where` is parsed and its scope was checked."""

    where: Expression
    page: PageRequest
    asked_at: datetime
    shows_expired: bool = False
    latest_only: bool = True


def list_memories(request: ListRequest, *, project_id: ProjectId, memories: MemoryStore) -> Page[Memory]:
    """Return one page of memories, newest first, expired and superseded ones only if asked for."""
    parts: list[Expression] = [request.where]
    if not request.shows_expired:
        parts.append(UnexpiredAt(request.asked_at))
    if request.latest_only:
        parts.append(InState(frozenset({LifecycleState.ACTIVE})))
    return memories.list(project_id, All(tuple(parts)), request.page)
