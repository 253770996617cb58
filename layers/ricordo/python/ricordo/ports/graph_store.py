from collections.abc import Sequence
from typing import Protocol

from ricordo.domain.graph import Entity, Relation
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory


class GraphStore(Protocol):
    """Entities, the memories that mention them, and the relations between them."""

    def upsert(self, memory: Memory) -> None:
        """Make the graph show the entities and relations of this memory, and no others of it."""
        ...

    def mentions(self, project_id: ProjectId, entity_keys: Sequence[str], *, limit: int) -> Sequence[MemoryId]:
        """Return up to `limit` memories that mention these entities, those that mention most first."""
        ...

    def entities(self, project_id: ProjectId, memory_id: MemoryId) -> Sequence[Entity]:
        """Return what a memory mentions."""
        ...

    def neighbourhood(self, project_id: ProjectId, entity_key: str, *, hops: int, limit: int) -> Sequence[Relation]:
        """Return up to `limit` relations within `hops` (1 or 2) of an entity, nearest first."""
        ...

    def forget(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> None:
        """Remove what only these memories say, and entities nothing mentions any more."""
        ...
