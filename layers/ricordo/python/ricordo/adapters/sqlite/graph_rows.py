"""The graph's rows: which memory mentions what, and which relations it states."""

from ricordo.adapters.sqlite.database import Connection
from ricordo.domain.graph import Entity
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.json_fields import micros_or_none
from ricordo.domain.memory import Memory

TABLES = ("mentions", "relations", "graph_versions")


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


def write_version(connection: Connection, memory: Memory) -> None:
    """Note which version of a memory the graph shows."""
    connection.execute(
        "INSERT INTO graph_versions VALUES (?, ?, ?)", (memory.project_id, memory.memory_id, memory.version)
    )


def is_overtaken(connection: Connection, memory: Memory) -> bool:
    """Say whether the graph, or the truth that writes it, has a later version of this memory."""
    given = {"project": memory.project_id, "memory": memory.memory_id, "version": memory.version}
    later = " UNION ALL ".join(
        f"SELECT 1 FROM {table} WHERE project_id = :project AND memory_id = :memory AND version > :version"
        for table in ("graph_versions", "memories")
    )
    return connection.execute(later, given).fetchone() is not None


def remove(connection: Connection, project_id: ProjectId, memory_id: MemoryId) -> None:
    """Remove what one memory says."""
    for table in TABLES:
        connection.execute(f"DELETE FROM {table} WHERE project_id = ? AND memory_id = ?", (project_id, memory_id))


def remove_entity(connection: Connection, project_id: ProjectId, entity_key: str) -> None:
    """Remove every mention of an entity, and every relation that ends at it."""
    for table, column in (("mentions", "entity_key"), ("relations", "source_key"), ("relations", "target_key")):
        connection.execute(f"DELETE FROM {table} WHERE project_id = ? AND {column} = ?", (project_id, entity_key))


def remove_project(connection: Connection, project_id: ProjectId) -> None:
    """Remove all of a project."""
    for table in TABLES:
        connection.execute(f"DELETE FROM {table} WHERE project_id = ?", (project_id,))
