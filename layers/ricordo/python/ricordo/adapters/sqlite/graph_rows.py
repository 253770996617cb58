"""The graph's rows: which memory mentions what, and which relations it states."""

from ricordo.adapters.sqlite.database import Connection
from ricordo.adapters.sqlite.rows import micros_or_none
from ricordo.domain.graph import Entity
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory


def write(connection: Connection, memory: Memory) -> None:
    """Write the entities and relations of one memory."""
    connection.executemany(
        "INSERT OR IGNORE INTO mentions VALUES (?, ?, ?, ?, ?)",
        [
            (memory.project_id, entity.key, memory.memory_id, entity.name, entity.type.value)
            for entity in memory.entities
        ],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO relations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                memory.project_id,
                Entity(relation.source).key,
                relation.type,
                Entity(relation.target).key,
                memory.memory_id,
                relation.source,
                relation.target,
                micros_or_none(relation.valid_from),
                micros_or_none(relation.valid_to),
            )
            for relation in memory.relations
        ],
    )


def remove(connection: Connection, project_id: ProjectId, memory_id: MemoryId) -> None:
    """Remove what one memory says."""
    for table in ("mentions", "relations"):
        connection.execute(f"DELETE FROM {table} WHERE project_id = ? AND memory_id = ?", (project_id, memory_id))
