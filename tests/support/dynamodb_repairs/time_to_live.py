"""What DynamoDB's background deletion does, when a test asks for it; moto never deletes what has expired.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html (2026-11-24).
"""

import time

from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb import dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from support.dynamodb_repairs.atomic_writes import one_change
from support.dynamodb_repairs.serialised_requests import LOCK
from support.dynamodb_repairs.stored_items import Key, all_stored

TTL_SERVICE = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
TOO_OLD_S = 5 * 365 * 24 * 3600
"""What expired longer ago is taken for a mistake and kept."""


def sweep_ttl(now: float | None = None) -> list[tuple[str, Key]]:
    """Delete what has expired, in every region; return table and key of what went."""
    at = time.time() if now is None else now
    gone: list[tuple[str, Key]] = []
    with LOCK:
        for backend in dynamodb_backends[DEFAULT_ACCOUNT_ID].values():
            for table in backend.tables.values():
                for key in _expired(table, at):
                    with one_change([(table, key)], by=TTL_SERVICE):
                        table.delete_item(*key)
                    gone.append((table.name, key))
    return gone


def _expired(table: Table, at: float) -> list[Key]:
    if table.ttl["TimeToLiveStatus"] != "ENABLED":
        return []
    name = table.ttl["AttributeName"]
    return [(item.hash_key, item.range_key) for item in all_stored(table) if _has_expired(item, name, at)]


def _has_expired(item: Item, name: str, at: float) -> bool:
    expires = item.attrs.get(name)
    return expires is not None and expires.type == "N" and at - TOO_OLD_S < float(expires.value) <= at
