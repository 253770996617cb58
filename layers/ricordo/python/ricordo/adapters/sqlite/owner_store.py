import json
import sqlite3
from collections.abc import Collection
from datetime import datetime

from ricordo.adapters.sqlite.database import Database
from ricordo.adapters.sqlite.speaker_names import SpeakerNames
from ricordo.domain.errors import OwnerNotFoundError
from ricordo.domain.ids import ProjectId
from ricordo.domain.moments import from_micros, to_micros
from ricordo.domain.paging import Page, PageRequest
from ricordo.domain.project import OwnerRecord, OwnerTotals
from ricordo.domain.scope import Owner, OwnerType, Scope


class SqliteOwnerStore:
    """`ports.owner_store.OwnerStore` over one file."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._speakers = SpeakerNames(database)

    def touch(
        self,
        project_id: ProjectId,
        scope: Scope,
        *,
        at: datetime,
        speakers: frozenset[str] = frozenset(),  # noqa: ARG002  read from the memories themselves
    ) -> None:
        micros = to_micros(at)
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT INTO owners (project_id, type, owner_id, created_us, updated_us)"
                " VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET updated_us = max(updated_us, excluded.updated_us)",
                [(project_id, owner.type.value, owner.id, micros, micros) for owner in scope.owners()],
            )

    def speakers(self, project_id: ProjectId, owners: Collection[Owner]) -> frozenset[str]:
        return frozenset().union(*(self._speakers.of(project_id, owner) for owner in owners))

    def get(self, project_id: ProjectId, owner: Owner) -> OwnerRecord:
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT * FROM owners WHERE project_id = ? AND type = ? AND owner_id = ?",
                (project_id, owner.type.value, owner.id),
            ).fetchone()
        if row is None:
            raise OwnerNotFoundError(f"No {owner.type.value} has this id.")
        return _record(row)

    def list(self, project_id: ProjectId, page: PageRequest) -> Page[OwnerRecord]:
        with self._database.reading() as connection:
            (total,) = connection.execute("SELECT count(*) FROM owners WHERE project_id = ?", (project_id,)).fetchone()
            rows = connection.execute(
                "SELECT * FROM owners WHERE project_id = ? ORDER BY updated_us DESC, type, owner_id LIMIT ? OFFSET ?",
                (project_id, page.size, page.offset),
            )
            return Page([_record(row) for row in rows], total, page)

    def totals(self, project_id: ProjectId) -> OwnerTotals:
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT type, count(*) FROM owners WHERE project_id = ? GROUP BY type", (project_id,)
            )
            counts = {row[0]: row[1] for row in rows}
        return OwnerTotals(*(counts.get(owner_type.value, 0) for owner_type in OwnerType))

    def remove(self, project_id: ProjectId, owner: Owner) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM owners WHERE project_id = ? AND type = ? AND owner_id = ?",
                (project_id, owner.type.value, owner.id),
            )


def _record(row: sqlite3.Row) -> OwnerRecord:
    return OwnerRecord(
        project_id=ProjectId(row["project_id"]),
        type=OwnerType(row["type"]),
        owner_id=row["owner_id"],
        created_at=from_micros(row["created_us"]),
        updated_at=from_micros(row["updated_us"]),
        metadata=json.loads(row["metadata"]),
    )
