from collections.abc import Mapping, Sequence
from datetime import datetime

from ricordo.adapters.sqlite import memory_writes as writes
from ricordo.adapters.sqlite.database import Database
from ricordo.adapters.sqlite.rows import dump, memory_from, pack_vector
from ricordo.domain.filters import Expression
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import LifecycleState, Memory
from ricordo.ports.projection_feed import Pending, Standing


class SqliteProjectionFeed:
    """`ports.projection_feed.ProjectionFeed` over one file, whose projections change with the truth."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pending(self, project_id: ProjectId, where: Expression, *, limit: int, now: datetime) -> Pending:  # noqa: ARG002
        return Pending((), is_complete=True)

    def standing(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Mapping[MemoryId, Standing]:
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM memories WHERE project_id = ? AND memory_id IN (SELECT value FROM json_each(?))",
                (project_id, dump(memory_ids)),
            ).fetchall()
        standing = [(memory_from(row), bool(row["hidden"])) for row in rows]
        return {
            memory.memory_id: Standing(memory, is_live=not hidden and memory.state is not LifecycleState.DELETED)
            for memory, hidden in standing
        }

    def settle(
        self, project_id: ProjectId, versions: Mapping[MemoryId, int], *, visible_at: datetime, now: datetime
    ) -> None:
        """Note nothing: a search sees the last commit."""

    def remove_remains(self, project_id: ProjectId, memory: Memory) -> None:
        """Remove nothing: a row never goes without what belongs to it."""

    def keep_embeddings(self, memories: Sequence[Memory]) -> int:
        with self._database.writing() as connection:
            change = writes.next_change(connection)
            return sum(
                connection.execute(
                    "UPDATE memories SET embedding_model = ?, embedding = ?, change = ?"
                    " WHERE project_id = ? AND memory_id = ? AND version = ? AND state <> 'deleted'",
                    (
                        memory.embedding.model_id,
                        pack_vector(memory.embedding.vector),
                        change,
                        memory.project_id,
                        memory.memory_id,
                        memory.version,
                    ),
                ).rowcount
                for memory in memories
                if memory.embedding is not None
            )
