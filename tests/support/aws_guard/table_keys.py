"""The keys of tables, learned from the requests that create them, and what AWS asks of a key."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from support.aws_guard.item_values import parts, value_size
from support.aws_guard.limits import CONSTRAINTS, PARTITION_KEY_BYTES, SORT_KEY_BYTES, RefusedRequestError

KeySchema = Mapping[str, str]
"""Attribute to HASH or RANGE."""


@dataclass(frozen=True, slots=True)
class TableKeys:
    """The key of a table, those of its indexes, and the types of all of them."""

    primary: KeySchema
    indexes: Mapping[str, KeySchema] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)

    def of(self, index: str | None) -> KeySchema:
        """Return the key of an index, or of the table.

        Raises:
            RefusedRequestError: there is no such index.
        """
        if index is None:
            return self.primary
        if index not in self.indexes:
            raise RefusedRequestError(f"the table does not have the index {index}")
        return self.indexes[index]


_tables: dict[str, TableKeys] = {}


def keys_of(table: str) -> TableKeys | None:
    """Return the keys of a table whose creation was seen."""
    return _tables.get(table)


def learn_keys(operation: str, request: Mapping[str, Any]) -> None:
    """Remember the keys that a request creates."""
    if operation == "CreateTable":
        created = [*request.get("GlobalSecondaryIndexes", ()), *request.get("LocalSecondaryIndexes", ())]
        _tables[request["TableName"]] = TableKeys(
            _schema(request["KeySchema"]), _indexes(created), _types(request["AttributeDefinitions"])
        )
    elif operation == "UpdateTable" and (known := _tables.get(request["TableName"])):
        added = [update["Create"] for update in request.get("GlobalSecondaryIndexUpdates", ()) if "Create" in update]
        _tables[request["TableName"]] = replace(
            known,
            indexes={**known.indexes, **_indexes(added)},
            types={**known.types, **_types(request.get("AttributeDefinitions", ()))},
        )


def _schema(elements: Sequence[Mapping[str, str]]) -> KeySchema:
    return {element["AttributeName"]: element["KeyType"] for element in elements}


def _indexes(created: Sequence[Mapping[str, Any]]) -> dict[str, KeySchema]:
    return {index["IndexName"]: _schema(index["KeySchema"]) for index in created}


def _types(definitions: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {definition["AttributeName"]: definition["AttributeType"] for definition in definitions}


def check_key(table: str, key: Mapping[str, Any]) -> None:
    """Refuse a key that is not the table's, or not one at all.

    Raises:
        RefusedRequestError: it is not.
    """
    known = keys_of(table)
    if known and set(key) != set(known.primary):
        raise RefusedRequestError(f"the key of {table} is {sorted(known.primary)}, not {sorted(key)}")
    for name, attribute in key.items():
        _check_part(name, attribute, role=known.primary[name] if known else "HASH", known=known)


def check_item_keys(table: str, item: Mapping[str, Any]) -> None:
    """Refuse an item without its table's key, or whose key, there or in an index, is none.

    Raises:
        RefusedRequestError: it is such an item.
    """
    known = keys_of(table)
    if known is None:
        return
    if missing := sorted(set(known.primary) - set(item)):
        raise RefusedRequestError(f"the item lacks {missing} of the key of {table}")
    for name, role in _key_attributes(known):
        if name in item:
            _check_part(name, item[name], role=role, known=known)


def _key_attributes(known: TableKeys) -> Iterator[tuple[str, str]]:
    for schema in (known.primary, *known.indexes.values()):
        yield from schema.items()


def _check_part(name: str, attribute: Any, *, role: str, known: TableKeys | None) -> None:
    kind, value = parts(attribute)
    expected = known.types.get(name, kind) if known else kind
    if kind != expected or kind not in {"S", "N", "B"}:
        raise RefusedRequestError(f"the key attribute {name} is of type {kind}; {CONSTRAINTS}")
    if not value:
        raise RefusedRequestError(f"the key attribute {name} is empty; {CONSTRAINTS}")
    (SORT_KEY_BYTES if role == "RANGE" else PARTITION_KEY_BYTES).check(value_size(kind, value))
