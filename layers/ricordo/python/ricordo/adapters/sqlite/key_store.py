import sqlite3
from datetime import datetime

from ricordo.adapters.sqlite.database import Database
from ricordo.domain.errors import KeyNotFoundError
from ricordo.domain.ids import KeyId, ProjectId
from ricordo.domain.json_fields import time_or_none
from ricordo.domain.moments import from_micros, to_micros
from ricordo.domain.project import AccessRole, ApiKey


class SqliteKeyStore:
    """`ports.key_store.KeyStore` over one file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key: ApiKey) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                (
                    key.key_id,
                    key.project_id,
                    key.org_id,
                    key.name,
                    key.role.value,
                    key.secret_hash,
                    to_micros(key.created_at),
                ),
            )

    def get(self, key_id: KeyId) -> ApiKey:
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM api_keys WHERE key_id = ?", (key_id,)).fetchone()
        if row is None:
            raise KeyNotFoundError("No such API key.")
        return _key(row)

    def list(self) -> list[ApiKey]:
        with self._database.reading() as connection:
            return [_key(row) for row in connection.execute("SELECT * FROM api_keys ORDER BY created_us, key_id")]

    def revoke(self, key_id: KeyId, *, at: datetime) -> None:
        with self._database.writing() as connection:
            touched = connection.execute(
                "UPDATE api_keys SET revoked_us = coalesce(revoked_us, ?) WHERE key_id = ?",
                (to_micros(at), key_id),
            ).rowcount
        if not touched:
            raise KeyNotFoundError("No such API key.")


def _key(row: sqlite3.Row) -> ApiKey:
    return ApiKey(
        key_id=KeyId(row["key_id"]),
        project_id=ProjectId(row["project_id"]),
        org_id=row["org_id"],
        name=row["name"],
        role=AccessRole(row["role"]),
        secret_hash=row["secret_hash"],
        created_at=from_micros(row["created_us"]),
        revoked_at=time_or_none(row["revoked_us"]),
    )
