from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ricordo.adapters.sqlite import word_rows
from ricordo.adapters.sqlite.database import Database
from ricordo.adapters.sqlite.filter_compiler import compile_filter
from ricordo.adapters.sqlite.rows import LIVE, dump
from ricordo.adapters.sqlite.vector_partitions import Partition, VectorPartitions
from ricordo.domain import filters as f
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import LifecycleState, Memory
from ricordo.domain.moments import to_micros
from ricordo.domain.scope import Owner
from ricordo.ports.search_index import IndexQuery

_ONLY_ACTIVE = frozenset({LifecycleState.ACTIVE})


class SqliteSearchIndex:
    """`ports.search_index.SearchIndex` over one file: FTS5 for words, exact vectors held per owner.

    The file keeps words and vectors in step with the truth by itself, so a search sees the last commit.
    """

    def __init__(self, database: Database, *, cache_bytes: int = 256 * 1024 * 1024) -> None:
        self._database = database
        self._partitions = VectorPartitions(database, budget_bytes=cache_bytes)

    def nominate(self, query: IndexQuery) -> Sequence[MemoryId]:
        owners = f.covering_owners(query.where)
        rows = dict.fromkeys(self._nearest(query, owners))
        rows.update(dict.fromkeys(self._best_by_words(query, owners)))
        return self._ids(list(rows))

    def _nearest(self, query: IndexQuery, owners: frozenset[Owner] | None) -> list[int]:
        if query.vector is None:
            return []
        whose: Iterable[Owner | None] = [None] if owners is None else sorted(owners)
        allowed = None if _is_decided_by_partition(query.where) else self._rows_matching(query)
        found: dict[int, float] = {}  # by row: a memory of two owners stands in both their partitions
        for owner in whose:
            partition = self._partitions.fresh(query.project_id, owner, query.model_id)
            shown = _shown(partition, query.where) if allowed is None else np.isin(partition.rows, allowed)
            found |= _top(partition, shown, query.vector, query.limit)
        return sorted(found, key=lambda row: (-found[row], row))[: query.limit]

    def _rows_matching(self, query: IndexQuery) -> NDArray[np.int64]:
        condition = compile_filter(query.where)
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT m.row FROM memories m WHERE m.project_id = ? AND {LIVE} AND {condition.sql}",
                (query.project_id, *condition.values),
            )
            return np.fromiter((row[0] for row in rows), np.int64)

    def _best_by_words(self, query: IndexQuery, owners: frozenset[Owner] | None) -> list[int]:
        """Take the rows in the order FTS5 sorts them by itself, testing each only until enough are found.

        CROSS keeps the planner from asking FTS5 row by row, and a second sort key would make SQLite sort once
        more.
        """
        if not query.terms or owners == frozenset():
            return []
        condition = compile_filter(query.where)
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT m.row FROM memory_words w CROSS JOIN memories m ON m.row = w.rowid"
                " WHERE memory_words MATCH ?"
                f" AND m.project_id = ? AND {LIVE} AND {condition.sql} ORDER BY w.rank LIMIT ?",
                (
                    word_rows.match_any(query.project_id, owners, query.terms),
                    query.project_id,
                    *condition.values,
                    query.limit,
                ),
            )
            return [row[0] for row in rows]

    def _ids(self, rows: Sequence[int]) -> Sequence[MemoryId]:
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT m.memory_id FROM json_each(?) named CROSS JOIN memories m ON m.row = named.value",
                (dump(rows),),
            )
            return [MemoryId(row[0]) for row in found]

    def neighbours(self, project_id: ProjectId, beside: Sequence[Memory]) -> Sequence[MemoryId]:
        nearest = (
            "SELECT (SELECT b.memory_id FROM memories b WHERE b.project_id = :project"
            " AND b.thread = place.value ->> 0 AND b.sequence {0} place.value ->> 1"
            " AND b.hidden = 0 AND b.state <> 'deleted'"
            " ORDER BY b.sequence {1} LIMIT 1) AS beside FROM json_each(:places) place"
        )
        asked = {memory.memory_id for memory in beside}
        places = dump([(memory.thread, memory.sequence) for memory in beside])
        found: dict[MemoryId, None] = {}
        with self._database.reading() as connection:
            for side in (nearest.format("<", "DESC"), nearest.format(">", "ASC")):
                rows = connection.execute(side, {"project": project_id, "places": places})
                ids = [MemoryId(row["beside"]) for row in rows if row["beside"] is not None]
                found.update(dict.fromkeys(memory_id for memory_id in ids if memory_id not in asked))
        return list(found)

    def without_vector(self, project_id: ProjectId, model_id: str, *, limit: int) -> Sequence[MemoryId]:
        lacking = " UNION ALL ".join(
            f"SELECT m.memory_id FROM memories m WHERE m.project_id = :project AND {LIVE} AND m.embedding_model {other}"
            for other in ("IS NULL", "< :model", "> :model")  # each a range of `memories_by_model`
        )
        with self._database.reading() as connection:
            named = {"project": project_id, "model": model_id, "limit": limit}
            return [MemoryId(row["memory_id"]) for row in connection.execute(f"{lacking} LIMIT :limit", named)]

    def upsert(self, memories: Sequence[Memory]) -> None:
        with self._database.writing() as connection:
            for memory in memories:
                row = connection.execute(
                    f"SELECT * FROM memories m WHERE project_id = ? AND memory_id = ? AND {LIVE}",
                    (memory.project_id, memory.memory_id),
                ).fetchone()
                if row is not None:
                    word_rows.remove(connection, row["row"])
                    word_rows.write(connection, row)

    def remove(self, project_id: ProjectId, last_versions: Mapping[MemoryId, int]) -> None:
        with self._database.writing() as connection:
            for memory_id in last_versions:
                row = connection.execute(
                    "SELECT row FROM memories WHERE project_id = ? AND memory_id = ?", (project_id, memory_id)
                ).fetchone()
                if row is not None:
                    word_rows.remove(connection, row["row"])


def _is_decided_by_partition(where: f.Expression) -> bool:
    """Say whether an owner's partition alone can tell what matches: one owner, state active, not expired."""
    parts = _flat(where)
    owners = [part for part in parts if isinstance(part, f.OwnedBy)]
    rest = [part for part in parts if not isinstance(part, f.OwnedBy)]
    return (
        len(owners) == 1
        and owners[0].ids is not None
        and all(
            isinstance(part, f.UnexpiredAt) or (isinstance(part, f.InState) and part.states == _ONLY_ACTIVE)
            for part in rest
        )
    )


def _flat(where: f.Expression) -> list[f.Expression]:
    if isinstance(where, f.All):
        return [leaf for part in where.parts for leaf in _flat(part)]
    return [where]


def _shown(partition: Partition, where: f.Expression) -> NDArray[np.bool_]:
    shown = np.ones(len(partition.rows), np.bool_)
    for part in _flat(where):
        if isinstance(part, f.InState):
            shown &= partition.active
        elif isinstance(part, f.UnexpiredAt):
            shown &= partition.ends_us > to_micros(part.at)
    return shown


def _top(partition: Partition, shown: NDArray[np.bool_], vector: NDArray[np.float32], limit: int) -> dict[int, float]:
    """Return the rows of the `limit` nearest vectors that are shown, with their similarities."""
    places = np.flatnonzero(shown)
    if not len(places):
        return {}
    similarity = (partition.vectors @ vector)[places]
    if len(places) > limit:
        best = np.argpartition(-similarity, limit - 1)[:limit]
        places, similarity = places[best], similarity[best]
    return dict(zip(partition.rows[places].tolist(), similarity.tolist(), strict=True))
