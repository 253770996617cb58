"""A write happens whole or not at all, and tells the stream and the indexes once, when it has.

moto copies every table a transaction names, and on failure puts the copies in the tables' place: that undoes what other
requests wrote meanwhile and cuts readers of the stream off. Here an undo log of the items touched does it.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from moto.dynamodb import models
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from support.dynamodb_repairs.partitions import moved
from support.dynamodb_repairs.stored_items import Key, key_of, put_back, stored
from support.dynamodb_repairs.stream_records import add_record

Touched = Sequence[tuple[Table, Key]]

_running: list[Touched] = []  # a transaction writes item by item; what it calls belongs to its change


@contextmanager
def one_change(touched: Touched, *, by: Mapping[str, str] | None = None) -> Iterator[None]:
    """Make what happens inside one change of the items touched; `by` is the identity a stream record names."""
    if _running:
        yield
        return
    before = [(table, key, copy.deepcopy(stored(table, key))) for table, key in touched]
    shards = {table.name: (table, table.stream_shard) for table, _key in touched}
    _running.append(touched)
    try:
        for table, _shard in shards.values():
            table.stream_shard = None
        yield
    except BaseException:
        for table, key, item in reversed(before):
            put_back(table, key, item)
        raise
    finally:
        _running.pop()
        for table, shard in shards.values():
            table.stream_shard = shard
    for table, key, item in before:
        _tell(table, key, item, by=by)


def _tell(table: Table, key: Key, before: Item | None, *, by: Mapping[str, str] | None) -> None:
    after = stored(table, key)
    moved(table, key, before, after)
    if table.stream_shard is not None:
        add_record(table.stream_shard, before, after, by=by)


def install() -> None:
    """Make every write one change."""
    _make_atomic("put_item")
    _make_atomic("update_item")
    _make_atomic("delete_item")
    transact = DynamoDBBackend.transact_write_items

    def transact_write_items(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        writes = [write for action in transact_items for write in action.values()]
        with one_change([found for write in writes for found in _touched(backend, write.get("TableName"), write)]):
            transact(backend, transact_items)

    DynamoDBBackend.transact_write_items = transact_write_items
    models.copy = SimpleNamespace(copy=copy.copy, deepcopy=_copy_unless_table)


def _make_atomic(name: str) -> None:
    write = getattr(DynamoDBBackend, name)

    def atomic(backend: DynamoDBBackend, table_name: str, attributes: Any, *args: Any, **kwargs: Any) -> Any:
        with one_change(_touched(backend, table_name, {"Key": attributes})):
            return write(backend, table_name, attributes, *args, **kwargs)

    setattr(DynamoDBBackend, name, atomic)


def _touched(backend: DynamoDBBackend, table_name: str | None, write: Mapping[str, Any]) -> Touched:
    """Return the item a write touches; none where moto is about to refuse the write."""
    named = (table for table in backend.tables.values() if table_name in {table.name, table.table_arn})
    table = next(named, None)
    key = key_of(table, write.get("Item") or write.get("Key") or {}) if table else None
    return [(table, key)] if table and key else []


def _copy_unless_table(original: Any, memo: dict[int, Any] | None = None) -> Any:
    return original if isinstance(original, Table) else copy.deepcopy(original, memo)
