from collections.abc import Sequence
from datetime import datetime

from ricordo.adapters.sqlite import graph_rows
from ricordo.adapters.sqlite.database import Database
from ricordo.adapters.sqlite.rows import dump
from ricordo.domain.graph import Entity, EntityType, Relation
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.json_fields import micros_or_none, relation_from
from ricordo.domain.memory import Memory

# What `hide` has hidden is removed in the background; until then its rows are here.
_SHOWN = (
    "NOT EXISTS (SELECT 1 FROM memories m WHERE m.project_id = said.project_id"
    " AND m.memory_id = said.memory_id AND m.hidden = 1)"
)


class SqliteGraphStore:
    """`ports.graph_store.GraphStore` over one file; an entity is there as long as some memory names it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def upsert(self, memories: Sequence[Memory]) -> None:
        with self._database.writing() as connection:
            for memory in memories:
                if graph_rows.is_overtaken(connection, memory):
                    continue
                graph_rows.remove(connection, memory.project_id, memory.memory_id)
                graph_rows.write(connection, memory)
                graph_rows.write_version(connection, memory)

    def mentions(self, project_id: ProjectId, entity_keys: Sequence[str], *, limit: int) -> Sequence[MemoryId]:
        if not entity_keys:
            return []
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT memory_id FROM json_each(?) AS asked CROSS JOIN mentions AS said"
                f" ON project_id = ? AND entity_key = asked.value AND {_SHOWN}"
                " GROUP BY memory_id ORDER BY count(*) DESC, memory_id LIMIT ?",
                (dump(list(dict.fromkeys(entity_keys))), project_id, limit),
            )
            return [MemoryId(row["memory_id"]) for row in rows]

    def entities(self, project_id: ProjectId, memory_id: MemoryId) -> Sequence[Entity]:
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT name, type FROM mentions AS said"
                f" WHERE project_id = ? AND memory_id = ? AND {_SHOWN} ORDER BY entity_key",
                (project_id, memory_id),
            )
            return [Entity(row["name"], EntityType(row["type"])) for row in rows]

    def neighbourhood(
        self, project_id: ProjectId, entity_key: str, *, hops: int, limit: int, as_of: datetime | None = None
    ) -> Sequence[Relation]:
        found: dict[Relation, None] = {}
        frontier, seen = {entity_key}, {entity_key}
        for _ in range(hops):
            step = self._touching(project_id, sorted(frontier), limit=limit, as_of=as_of)
            found.update(dict.fromkeys(step))
            ends = {Entity(name).key for relation in step for name in (relation.source, relation.target)}
            frontier, seen = ends - seen, seen | ends
            if not frontier or len(found) >= limit:
                break
        return list(found)[:limit]

    def _touching(
        self, project_id: ProjectId, keys: Sequence[str], *, limit: int, as_of: datetime | None
    ) -> Sequence[Relation]:
        valid = "coalesce(valid_from_us <= :at, 1) AND coalesce(valid_to_us > :at, 1)" if as_of else "1"
        touching = (
            "SELECT source_key, said.type AS type, target_key, source, target, valid_from_us, valid_to_us"
            f" FROM json_each(:keys) asked CROSS JOIN relations said ON project_id = :project AND {_SHOWN} AND {valid}"
        )
        with self._database.reading() as connection:
            rows = connection.execute(
                f"{touching} AND source_key = asked.value UNION {touching} AND target_key = asked.value"
                " ORDER BY source_key, type, target_key, source, target, valid_from_us, valid_to_us LIMIT :limit",
                {"project": project_id, "keys": dump(keys), "limit": limit, "at": micros_or_none(as_of)},
            )
            return [relation_from(row) for row in rows]

    def forget(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> None:
        with self._database.writing() as connection:
            for memory_id in memory_ids:
                graph_rows.remove(connection, project_id, memory_id)

    def forget_entity(self, project_id: ProjectId, entity_key: str) -> None:
        with self._database.writing() as connection:
            graph_rows.remove_entity(connection, project_id, entity_key)

    def forget_project(self, project_id: ProjectId) -> None:
        with self._database.writing() as connection:
            graph_rows.remove_project(connection, project_id)
