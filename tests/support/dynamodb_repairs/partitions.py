"""A query looks at one partition; moto sorts the whole table for each, and for each page of it."""

import inspect
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from support.dynamodb_repairs.stored_items import Key, all_stored, stored

PartitionKey = tuple[DynamoType, ...]
Signature = tuple[tuple[str, tuple[str, ...]], ...]


class Partitions:
    """The keys of the items in each partition of each index of a table."""

    def __init__(self, table: Table) -> None:
        self.signature = signature(table)
        self._keys: dict[str, dict[PartitionKey, dict[Key, None]]] = {}
        for index, _names in self.signature:
            self._keys[index] = defaultdict(dict)
        for item in all_stored(table):
            self.move((item.hash_key, item.range_key), None, item)

    def move(self, key: Key, before: Item | None, after: Item | None) -> None:
        """Take an item from where it was to where it belongs."""
        for index, names in self.signature:
            left, entered = partition_of(before, names), partition_of(after, names)
            if left == entered:
                continue
            if left is not None:
                self._keys[index][left].pop(key, None)
            if entered is not None:
                self._keys[index][entered][key] = None

    def keys(self, index: str, partition: PartitionKey) -> list[Key]:
        """Return the keys of the items in a partition."""
        return list(self._keys[index].get(partition, ()))


_partitions: WeakKeyDictionary[Table, Partitions] = WeakKeyDictionary()


def signature(table: Table) -> Signature:
    """Return the indexes of a table, each with the attributes that make its partition key."""
    return tuple(
        (index.name, tuple(part["AttributeName"] for part in index.schema if part["KeyType"] == "HASH"))
        for index in table.all_indexes()
    )


def partition_of(item: Item | None, names: tuple[str, ...]) -> PartitionKey | None:
    """Return the partition of an index an item lies in; None if it is not in the index."""
    if item is None or not all(name in item.attrs for name in names):
        return None
    return tuple(item.attrs[name] for name in names)


def moved(table: Table, key: Key, before: Item | None, after: Item | None) -> None:
    """Keep the partitions of a table right after a change; they are built when first asked for."""
    if table in _partitions:
        _partitions[table].move(key, before, after)


def _partitions_of(table: Table) -> Partitions:
    if table not in _partitions or _partitions[table].signature != signature(table):
        _partitions[table] = Partitions(table)
    return _partitions[table]


def install() -> None:
    """Let a query see only the items of its partition."""
    query, all_items = Table.query, Table.all_items
    parameters = inspect.signature(query)

    def query_partition(table: Table, *args: Any, **kwargs: Any) -> Any:
        asked = parameters.bind(table, *args, **kwargs).arguments
        with _only(table, _items_asked_for(table, asked)):
            return query(table, *args, **kwargs)

    def all_items_seen(table: Table) -> list[Item]:
        seen: list[Item] | None = table.__dict__.get("_seen")
        return all_items(table) if seen is None else seen

    Table.query = query_partition
    Table.all_items = all_items_seen


@contextmanager
def _only(table: Table, items: list[Item] | None) -> Iterator[None]:
    """Have the table show these items only; requests are serialised, so no other one looks meanwhile."""
    table.__dict__["_seen"] = items
    try:
        yield
    finally:
        del table.__dict__["_seen"]


def _items_asked_for(table: Table, asked: Mapping[str, Any]) -> list[Item] | None:
    """Return the items of the partition a query names; None if it names none."""
    index, conditions = asked.get("index_name"), dict(asked.get("hash_key_conditions") or ())
    if index is None:
        return _table_partition(table, asked["hash_key"])
    partitions = _partitions_of(table)
    names = dict(partitions.signature).get(index)
    if names is None or set(names) != set(conditions):
        return None
    keys = partitions.keys(index, tuple(conditions[name] for name in names))
    return [item for key in keys if (item := stored(table, key)) is not None]


def _table_partition(table: Table, partition_key: DynamoType) -> list[Item]:
    found = table.items.get(partition_key)
    if not found:
        return []
    return list(found.values()) if table.range_key_attr else [found]
