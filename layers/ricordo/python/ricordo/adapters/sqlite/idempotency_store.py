from datetime import datetime, timedelta

from ricordo.adapters.sqlite.database import Database
from ricordo.domain.errors import IdempotencyConflictError
from ricordo.domain.ids import ProjectId
from ricordo.domain.moments import to_micros
from ricordo.ports.idempotency_store import Answered, Claimed, InProgress

_ABANDONED = timedelta(days=7)


class SqliteIdempotencyStore:
    """`ports.idempotency_store.IdempotencyStore` over one file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self, project_id: ProjectId, key: str, *, fingerprint: str, now: datetime, until: datetime
    ) -> Claimed | InProgress | Answered:
        with self._database.writing() as connection:
            # An answer ends with its time; a claim is kept a week longer, so that a retry of its request
            # meets it.
            connection.execute(
                "DELETE FROM idempotency WHERE until_us < ? AND (answer IS NOT NULL OR until_us < ?)",
                (to_micros(now), to_micros(now - _ABANDONED)),
            )
            row = connection.execute(
                "SELECT * FROM idempotency WHERE project_id = ? AND key = ?", (project_id, key)
            ).fetchone()
            if row is not None and row["fingerprint"] != fingerprint:
                raise IdempotencyConflictError(
                    "This Idempotency-Key was used for another request; take a new key for a new request."
                )
            if row is not None and row["answer"] is not None:
                return Answered(row["answer"])
            if row is not None and row["until_us"] > to_micros(now):
                return InProgress()
            connection.execute(
                "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, NULL)",
                (project_id, key, fingerprint, to_micros(until)),
            )
            return Claimed(until)

    def complete(self, project_id: ProjectId, key: str, claimed: Claimed, answer: str, *, expires_at: datetime) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE idempotency SET answer = ?, until_us = ?"
                " WHERE project_id = ? AND key = ? AND until_us = ? AND answer IS NULL",
                (answer, to_micros(expires_at), project_id, key, to_micros(claimed.until)),
            )

    def release(self, project_id: ProjectId, key: str, claimed: Claimed) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "DELETE FROM idempotency WHERE project_id = ? AND key = ? AND until_us = ? AND answer IS NULL",
                (project_id, key, to_micros(claimed.until)),
            )
