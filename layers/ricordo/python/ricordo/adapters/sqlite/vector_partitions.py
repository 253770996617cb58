"""Exact vectors in memory, an owner a partition, kept up to date from the file.

A partition asks the file only for rows whose `change` is newer than what it has seen, so that a steady stream
of writes costs a search what was written, not what is stored. The least used are dropped over a byte budget.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from ricordo.adapters.sqlite.database import Connection, Database
from ricordo.adapters.sqlite.rows import unpack_vector
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Vector
from ricordo.domain.scope import Owner

NEVER_US = np.iinfo(np.int64).max
_STATE_ACTIVE = "active"
_STATE_DELETED = "deleted"
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Partition:
    """The vectors of one owner, or of a whole project, as of one commit.

    Arrays of equal length n: `rows` int64, `vectors` float32 (n, d), `active` bool, `ends_us` int64 (when it
    expires).
    """

    rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    vectors: Vector = field(default_factory=lambda: np.empty((0, 0), np.float32))
    active: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    ends_us: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    seen_change: int = 0
    seen_purge: int = 0

    @property
    def nbytes(self) -> int:
        """Size of the vectors."""
        return self.vectors.nbytes

    def with_changed(self, changed: Sequence[sqlite3.Row], model_id: str) -> Self:
        """Return the partition with these rows as they stand now; hidden and deleted ones drop out."""
        keep = ~np.isin(self.rows, np.array([row["row"] for row in changed], np.int64))
        shown = [
            row
            for row in changed
            if not row["hidden"]
            and row["state"] != _STATE_DELETED
            and row["embedding"] is not None
            and row["embedding_model"] == model_id
        ]
        kept = self.vectors[keep]
        vectors = [unpack_vector(row["embedding"]) for row in shown]
        ends_us = [NEVER_US if row["ends_us"] is None else row["ends_us"] for row in shown]
        return type(self)(
            rows=_joined(self.rows[keep], [row["row"] for row in shown]),
            vectors=np.vstack([kept, *vectors]) if len(kept) else np.array(vectors, np.float32),
            active=_joined(self.active[keep], [row["state"] == _STATE_ACTIVE for row in shown]),
            ends_us=_joined(self.ends_us[keep], ends_us),
            seen_change=max(row["change"] for row in changed),
            seen_purge=self.seen_purge,
        )


def _joined(kept: NDArray[Scalar], added: Sequence[object]) -> NDArray[Scalar]:
    return np.concatenate([kept, np.array(added, kept.dtype)])


PartitionKey = tuple[ProjectId, str, Owner | None]


class VectorPartitions:
    """The partitions of one process; threads may share them."""

    def __init__(self, database: Database, *, budget_bytes: int = 256 * 1024 * 1024) -> None:
        self._database = database
        self._budget_bytes = budget_bytes
        self._partitions: OrderedDict[PartitionKey, Partition] = OrderedDict()
        self._lock = Lock()

    def fresh(self, project_id: ProjectId, owner: Owner | None, model_id: str) -> Partition:
        """Return the partition of an owner (None: the project) as of the last commit."""
        key = (project_id, model_id, owner)
        with self._lock:
            known = self._partitions.get(key, Partition())
        with self._database.reading() as connection:
            partition = _caught_up(connection, known, project_id, owner, model_id)
        with self._lock:
            self._partitions[key] = partition
            self._partitions.move_to_end(key)
            self._shrink()
        return partition

    def _shrink(self) -> None:
        """Drop the partitions used longest ago while all are over the budget; the newest stays."""
        held = sum(partition.nbytes for partition in self._partitions.values())
        while held > self._budget_bytes and len(self._partitions) > 1:
            _, dropped = self._partitions.popitem(last=False)
            held -= dropped.nbytes


def _caught_up(
    connection: Connection, partition: Partition, project_id: ProjectId, owner: Owner | None, model_id: str
) -> Partition:
    (purge,) = connection.execute("SELECT purge FROM counters").fetchone()
    if purge != partition.seen_purge:
        partition = Partition(seen_purge=purge)
    whose = f"AND {owner.type.field} = ?" if owner else ""
    changed = connection.execute(
        "SELECT row, change, hidden, state, expiration_end_us AS ends_us, embedding_model, embedding"
        f" FROM memories WHERE project_id = ? {whose} AND change > ? ORDER BY row",
        (project_id, *([owner.id] if owner else []), partition.seen_change),
    ).fetchall()
    return partition.with_changed(changed, model_id) if changed else partition
