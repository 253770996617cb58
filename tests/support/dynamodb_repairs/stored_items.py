"""Where moto keeps the items of a table, read and put back without its checks."""

from collections.abc import Iterator, Mapping
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

Key = tuple[DynamoType, DynamoType | None]


def key_of(table: Table, attributes: Mapping[str, Any]) -> Key | None:
    """Return the key among the attributes of an item or a request, or None if they lack it."""
    if not set(table.table_key_attrs) <= set(attributes):
        return None
    sort = table.range_key_attr
    return DynamoType(attributes[table.hash_key_attr]), DynamoType(attributes[sort]) if sort else None


def stored(table: Table, key: Key) -> Item | None:
    """Return the item itself, not a copy; unlike moto's own lookup this leaves no empty partition behind."""
    partition_key, sort_key = key
    found = table.items.get(partition_key)
    return found if sort_key is None or found is None else found.get(sort_key)


def put_back(table: Table, key: Key, item: Item | None) -> None:
    """Make the item, or none, stand under the key."""
    partition_key, sort_key = key
    shelf, place = (table.items, partition_key) if sort_key is None else (table.items[partition_key], sort_key)
    if item is None:
        shelf.pop(place, None)
    else:
        shelf[place] = item


def all_stored(table: Table) -> Iterator[Item]:
    """Return all items, in no order."""
    for found in table.items.values():
        if table.range_key_attr:
            yield from found.values()
        else:
            yield found
