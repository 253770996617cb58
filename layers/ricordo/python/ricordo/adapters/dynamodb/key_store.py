from datetime import datetime
from typing import Any

from boto3.dynamodb.conditions import Attr

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.expressions import Change, Put
from ricordo.adapters.dynamodb.listing import oldest_first
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.domain.errors import ConflictError, KeyNotFoundError
from ricordo.domain.ids import KeyId, ProjectId
from ricordo.domain.json_fields import micros_or_none, time_or_none
from ricordo.domain.moments import from_micros, to_micros
from ricordo.domain.project import AccessRole, ApiKey


class DynamoDBKeyStore:
    """`ports.key_store.KeyStore` over the one table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, key: ApiKey) -> None:
        try:
            self._table.write(Put(_row(key), Attr("pk").not_exists()))
        except ConditionNotMetError as error:
            raise ConflictError("An API key of this id is there already.") from error

    def get(self, key_id: KeyId) -> ApiKey:
        row = self._table.get(keys.api_key(key_id))
        if row is None:
            raise KeyNotFoundError("No such API key.")
        return _key(row)

    def list(self) -> list[ApiKey]:
        return [_key(row) for row in oldest_first(self._table, keys.API_KEYS)]

    def revoke(self, key_id: KeyId, *, at: datetime) -> None:
        change = Change(keys.api_key(key_id), Attr("pk").exists(), once={"revoked_us": to_micros(at)})
        try:
            self._table.write(change)
        except ConditionNotMetError as error:
            raise KeyNotFoundError("No such API key.") from error


def _row(key: ApiKey) -> dict[str, Any]:
    return {
        **keys.api_key(key.key_id)._asdict(),
        "kind": "key",
        "format": 1,
        "gsi1pk": keys.API_KEYS,
        "gsi1sk": keys.listed(key.created_at, key.key_id),
        "key_id": key.key_id,
        "project_id": key.project_id,
        "org_id": key.org_id,
        "name": key.name,
        "role": key.role.value,
        "secret_hash": key.secret_hash,
        "created_us": to_micros(key.created_at),
        "revoked_us": micros_or_none(key.revoked_at),
    }


def _key(row: Row) -> ApiKey:
    return ApiKey(
        key_id=KeyId(row["key_id"]),
        project_id=ProjectId(row["project_id"]),
        org_id=row["org_id"],
        name=row["name"],
        role=AccessRole(row["role"]),
        secret_hash=row["secret_hash"],
        created_at=from_micros(row["created_us"]),
        revoked_at=time_or_none(row.get("revoked_us")),
    )
