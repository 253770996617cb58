from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ricordo.domain.graph import Entity, Relation
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory


class GraphStore(Protocol):
    """Entities, the memories that mention them, and the relations between them.

    An entity is there as long as a memory mentions it or a relation ends at it. Of entities with one key in one
    memory the first counts, and so it does of relations with one type between the same two. Every method raises
    UnavailableError when the graph cannot be reached or does not answer in time; a change that failed so may have
    happened in part, and repeating it completes it.
    """

    def upsert(self, memories: Sequence[Memory]) -> None:
        """Make the graph show what these memories say, and nothing else of them; to repeat it changes nothing.

        A version older than the one shown is left out. A tombstone shows nothing and keeps its version, so that
        what comes late for an earlier one is left out too, until the memory is forgotten.

        Raises:
            ProjectionError: it took all but the memories the error names.
        """
        ...

    def mentions(self, project_id: ProjectId, entity_keys: Sequence[str], *, limit: int) -> Sequence[MemoryId]:
        """Return up to `limit` memories that mention these entities, those that mention most first, then by id.

        A graph may look at no more than some thousands of an entity's memories.
        """
        ...

    def entities(self, project_id: ProjectId, memory_id: MemoryId) -> Sequence[Entity]:
        """Return what a memory mentions, by key."""
        ...

    def neighbourhood(
        self, project_id: ProjectId, entity_key: str, *, hops: int, limit: int, as_of: datetime | None = None
    ) -> Sequence[Relation]:
        """Return up to `limit` relations within `hops` (1 or 2) of an entity, nearest first, each once.

        With `as_of`, only those whose [valid_from, valid_to) holds that instant; an end left open holds all. Among
        the equally near the order is the graph's own and always the same.
        """
        ...

    def forget(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> None:
        """Remove these memories and what only they say; unknown ids are no error."""
        ...

    def forget_entity(self, project_id: ProjectId, entity_key: str) -> None:
        """Remove an entity with all mentions and relations of it, until a memory that names it is upserted again."""
        ...

    def forget_project(self, project_id: ProjectId) -> None:
        """Remove all of a project."""
        ...
