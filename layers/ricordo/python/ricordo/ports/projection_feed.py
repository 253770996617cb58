from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ricordo.domain.filters import Expression
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory


@dataclass(frozen=True, slots=True)
class Pending:
    """Memories whose last change searches of the index may not see yet, the last changed first.

    Attributes:
        is_complete: False when there are more than were asked for.
    """

    memory_ids: Sequence[MemoryId]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What the truth says of a memory now; tombstones and hidden ones are not live."""

    memory: Memory
    is_live: bool


class ProjectionFeed(Protocol):
    """What the projections are made from, and how far they are behind the truth."""

    def pending(self, project_id: ProjectId, where: Expression, *, limit: int, now: datetime) -> Pending:
        """Return what a search must add by itself: up to `limit` changed memories of the owners `where` names.

        They may not match the rest of `where`.
        """
        ...

    def standing(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Mapping[MemoryId, Standing]:
        """Return the last state of these memories, read consistently; what was purged or never was is absent."""
        ...

    def settle(
        self, project_id: ProjectId, versions: Mapping[MemoryId, int], *, visible_at: datetime, now: datetime
    ) -> None:
        """Note that the index was given these versions and shows them from `visible_at` on.

        What it shows by `now` already is cleared away.
        """
        ...

    def remove_remains(self, project_id: ProjectId, memory: Memory) -> None:
        """Remove what is left of a memory whose row the store itself has removed after its time."""
        ...

    def keep_embeddings(self, memories: Sequence[Memory]) -> int:
        """Keep the vectors of these memories beside those of other models; count them.

        The version stays, and one that has moved on from it is left out.
        """
        ...
