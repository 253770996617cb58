from collections.abc import Iterable, Mapping, Sequence

from ricordo.adapters.sqlite.database import Database
from ricordo.adapters.sqlite.rows import dump
from ricordo.domain.drift import Shown
from ricordo.domain.ids import MemoryId, ProjectId

_INDEX = (
    "SELECT m.memory_id, m.version, 0 AS edges FROM memories m JOIN memory_words w ON w.rowid = m.row"
    " WHERE m.project_id = :project AND {0} ORDER BY m.memory_id LIMIT :limit"
)
# A graph without the truth beside it has versions of its own.
_GRAPH = (
    "SELECT one.memory_id,"
    " coalesce((SELECT version FROM graph_versions own"
    " WHERE own.project_id = :project AND own.memory_id = one.memory_id),"
    " (SELECT version FROM memories m WHERE m.project_id = :project AND m.memory_id = one.memory_id), 0) AS version,"
    " (SELECT count(*) FROM mentions said WHERE said.project_id = :project AND said.memory_id = one.memory_id)"
    " + (SELECT count(*) FROM relations said WHERE said.project_id = :project AND said.memory_id = one.memory_id)"
    " AS edges FROM ("
    + " UNION ".join(
        f"SELECT memory_id FROM {table} m WHERE project_id = :project AND {{0}}"
        for table in ("graph_versions", "mentions", "relations", "memories")
    )
    + ") one ORDER BY one.memory_id LIMIT :limit"
)
_NAMED = "m.memory_id IN (SELECT value FROM json_each(:named))"
_BEHIND = "m.memory_id > :after"


class _SqliteListing:
    def __init__(self, database: Database, query: str) -> None:
        self._database = database
        self._query = query

    def shown(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Mapping[MemoryId, Shown]:
        found = self._read(_NAMED, {"project": project_id, "named": dump(list(memory_ids)), "limit": -1})
        return {one.memory_id: one for one in found}

    def listed(self, project_id: ProjectId, *, after: str, limit: int) -> Sequence[Shown]:
        return list(self._read(_BEHIND, {"project": project_id, "after": after, "limit": limit}))

    def _read(self, condition: str, values: Mapping[str, object]) -> Iterable[Shown]:
        with self._database.reading() as connection:
            rows = connection.execute(self._query.format(condition), values).fetchall()
        return (Shown(MemoryId(row["memory_id"]), row["version"], row["edges"]) for row in rows)


class SqliteIndexListing(_SqliteListing):
    """`ports.projection_listing.ProjectionListing` of the words; what has no memory row any more is not shown."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, _INDEX)


class SqliteGraphListing(_SqliteListing):
    """`ports.projection_listing.ProjectionListing` of the graph, with or without the truth in the same file."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, _GRAPH)
