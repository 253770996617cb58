"""A search index in files of its own, fed like an outside engine: the in-process stand-in for OpenSearch.

It passes the suites of `ports.search_index` and `ports.index_builder`. `graph_store.SqliteGraphStore` on a database
without memories is the same for the graph.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

from ricordo.adapters.sqlite import graph_rows, word_rows
from ricordo.adapters.sqlite.archive import SqliteArchive
from ricordo.adapters.sqlite.database import Database, migrate
from ricordo.adapters.sqlite.projection_listing import SqliteIndexListing
from ricordo.adapters.sqlite.search_index import SqliteSearchIndex
from ricordo.domain.drift import Shown
from ricordo.domain.errors import ConflictError
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.ports.archive import ArchivedMemory
from ricordo.ports.index_builder import BuildId
from ricordo.ports.search_index import IndexQuery


class _Mirror:
    """One index in one file, which knows only what it was given."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        migrate(self.database)
        self.database.connection.execute("PRAGMA synchronous = OFF")  # nobody reads it after a power failure
        self.index = SqliteSearchIndex(self.database)
        self._archive = SqliteArchive(self.database)
        self._seen: dict[tuple[ProjectId, MemoryId], int] = {}

    def upsert(self, memories: Sequence[Memory]) -> None:
        for memory in memories:
            if self._is_news(memory.project_id, memory.memory_id, 2 * memory.version):
                self._drop(memory.project_id, memory.memory_id)
                self._archive.restore([ArchivedMemory(memory, ())])

    def remove(self, project_id: ProjectId, last_versions: Mapping[MemoryId, int]) -> None:
        for memory_id, version in last_versions.items():
            if self._is_news(project_id, memory_id, 2 * version + 1):
                self._drop(project_id, memory_id)

    def lose(self, memory: Memory) -> None:
        """Forget a memory as if it had never been written."""
        self._seen.pop((memory.project_id, memory.memory_id), None)
        self._drop(memory.project_id, memory.memory_id)

    def _is_news(self, project_id: ProjectId, memory_id: MemoryId, version: int) -> bool:
        key = (project_id, memory_id)
        is_news = version >= self._seen.get(key, 0)
        self._seen[key] = max(version, self._seen.get(key, 0))
        return is_news

    def _drop(self, project_id: ProjectId, memory_id: MemoryId) -> None:
        with self.database.writing() as connection:
            row = connection.execute(
                "SELECT row FROM memories WHERE project_id = ? AND memory_id = ?", (project_id, memory_id)
            ).fetchone()
            if row is None:
                return
            word_rows.remove(connection, row["row"])
            graph_rows.remove(connection, project_id, memory_id)
            for table in ("memory_metadata", "memory_categories", "memories"):
                connection.execute(f"DELETE FROM {table} WHERE row = ?", (row["row"],))
            connection.execute("UPDATE counters SET purge = purge + 1")


class MirroredIndex:
    """`ports.search_index.SearchIndex` over an index of its own, and over the one that is built beside it.

    It lists itself: it is a `ports.projection_listing.ProjectionListing` too.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self.serving = self.another()
        self.building: _Mirror | None = None

    def another(self) -> _Mirror:
        """Open an empty index."""
        return _Mirror(self._folder / f"index-{next(self._numbers)}.db")

    def nominate(self, query: IndexQuery) -> Sequence[MemoryId]:
        return self.serving.index.nominate(query)

    def neighbours(self, project_id: ProjectId, beside: Sequence[Memory]) -> Sequence[MemoryId]:
        return self.serving.index.neighbours(project_id, beside)

    def without_vector(self, project_id: ProjectId, model_id: str, *, limit: int) -> Sequence[MemoryId]:
        return self.serving.index.without_vector(project_id, model_id, limit=limit)

    def upsert(self, memories: Sequence[Memory]) -> None:
        for mirror in self._written():
            mirror.upsert(memories)

    def remove(self, project_id: ProjectId, last_versions: Mapping[MemoryId, int]) -> None:
        for mirror in self._written():
            mirror.remove(project_id, last_versions)

    def held(self, project_id: ProjectId) -> dict[MemoryId, int]:
        """Return what the index would show of a project: ids, and the version of each."""
        with self.serving.database.reading() as connection:
            rows = connection.execute("SELECT memory_id, version FROM memories WHERE project_id = ?", (project_id,))
            return {MemoryId(row["memory_id"]): row["version"] for row in rows}

    def shown(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Mapping[MemoryId, Shown]:
        return self._listing.shown(project_id, memory_ids)

    def listed(self, project_id: ProjectId, *, after: str, limit: int) -> Sequence[Shown]:
        return self._listing.listed(project_id, after=after, limit=limit)

    @property
    def _listing(self) -> SqliteIndexListing:
        return SqliteIndexListing(self.serving.database)

    def close(self) -> None:
        """Close the files."""
        for mirror in self._written():
            mirror.database.close()

    def _written(self) -> list[_Mirror]:
        return [self.serving, *([self.building] if self.building else [])]


class MirroredIndexBuilder:
    """`ports.index_builder.IndexBuilder` of a mirrored index."""

    def __init__(self, index: MirroredIndex) -> None:
        self._index = index
        self._numbers = count(1)
        self._begun: BuildId | None = None

    def ensure(self) -> None:
        """Leave the mirror as it is: it was made with an index."""

    def begin(self) -> BuildId:
        self._drop()
        self._index.building = self._index.another()
        self._begun = BuildId(f"build-{next(self._numbers)}")
        return self._begun

    def write(self, build: BuildId, memories: Sequence[Memory]) -> None:
        self._require(build).upsert(memories)

    def finish(self, build: BuildId) -> None:
        if build == self._begun and self._index.building is None:
            return
        built, self._index.building = self._require(build), None
        self._index.serving.database.close()
        self._index.serving = built

    def abandon(self, build: BuildId) -> None:
        if build == self._begun:
            self._drop()

    def _require(self, build: BuildId) -> _Mirror:
        if build != self._begun or self._index.building is None:
            raise ConflictError("A later build took over.")
        return self._index.building

    def _drop(self) -> None:
        dropped, self._index.building = self._index.building, None
        if dropped is not None:
            dropped.database.close()
