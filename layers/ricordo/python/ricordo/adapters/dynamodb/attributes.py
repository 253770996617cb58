"""Python values as DynamoDB's attribute values, and back.

Rows are flat: text, whole numbers, bytes, flags, sets of text, and one map of bytes. What is nested (metadata,
entities) is written as JSON text, so that DynamoDB's limits on depth and digits never meet a caller's values.
"""

import json
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
Item = dict[str, dict[str, Any]]
MAX_ITEM_BYTES = 400 * 1024  # docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html


def to_item(row: Row) -> Item:
    """Write a row; None and empty sets are left out, as DynamoDB has neither."""
    return {name: to_value(value) for name, value in row.items() if value is not None and value != frozenset()}


def to_value(value: Any) -> dict[str, Any]:
    """Write one value."""
    match value:
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case bytes():
            return {"B": value}
        case frozenset() | set():
            return {"SS": sorted(value)}
        case Mapping():
            return {"M": {name: to_value(part) for name, part in value.items()}}
        case _:
            raise TypeError(f"{type(value).__name__} is no attribute value")


def from_item(item: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Read a row."""
    return {name: from_value(value) for name, value in item.items()}


def from_value(value: Mapping[str, Any]) -> Any:
    """Read one value."""
    ((kind, held),) = value.items()
    match kind:
        case "N":
            return int(held)
        case "SS":
            return frozenset(held)
        case "M":
            return from_item(held)
        case _:
            return held


def size_of(item: Item) -> int:
    """Return the bytes DynamoDB counts for an item.

    Source: docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return len(held) // 2 + 2
        case "SS":
            return sum(len(text.encode()) for text in held)
        case "M":
            return 3 + sum(len(name.encode()) + _value_size(part) + 1 for name, part in held.items())
        case "BOOL":
            return 1
        case _:
            return len(held)


def dump(value: object) -> str:
    """Write JSON compactly; mappings and tuples as objects and lists."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
