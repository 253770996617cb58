"""Writes as values, and how DynamoDB's expression language spells them. Values are always bound, never written in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from boto3.dynamodb.conditions import ConditionBase, ConditionExpressionBuilder

from ricordo.adapters.dynamodb.attributes import MAX_ITEM_BYTES, Item, Row, size_of, to_item, to_value
from ricordo.adapters.dynamodb.keys import Key
from ricordo.domain.errors import RequestTooLargeError


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole row."""

    row: Row
    only_if: ConditionBase | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Set, add to and remove attributes of one row; `once` sets what is not there, `delete` takes out of sets."""

    key: Key
    only_if: ConditionBase | None = None
    set: Row = field(default_factory=dict)
    once: Row = field(default_factory=dict)
    add: Row = field(default_factory=dict)
    delete: Row = field(default_factory=dict)
    remove: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove one row."""

    key: Key
    only_if: ConditionBase | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Let the transaction fail unless a row is as said."""

    key: Key
    only_if: ConditionBase


Write = Put | Change | Delete | Check


ACTION = {Put: "Put", Change: "Update", Delete: "Delete", Check: "ConditionCheck"}


def key_of(key: Key) -> Item:
    """Spell a primary key."""
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def request_of(write: Write) -> dict[str, Any]:
    """Spell a write as its request, without the table."""
    expression = Expression()
    request: dict[str, Any]
    match write:
        case Put():
            item = to_item(write.row)
            if size_of(item) > MAX_ITEM_BYTES:
                raise RequestTooLargeError(
                    f"A row may have {MAX_ITEM_BYTES // 1024} KB; this one is larger: send less."
                )
            request = {"Item": item}
        case Change():
            request = {"Key": key_of(write.key), "UpdateExpression": expression.update(write)}
        case _:
            request = {"Key": key_of(write.key)}
    if write.only_if is not None:
        request["ConditionExpression"] = expression.build(write.only_if)
    return request | expression.placeholders()


class Expression:
    """Collects placeholders over the expressions of one request."""

    def __init__(self) -> None:
        self._builder = ConditionExpressionBuilder()
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def build(self, condition: ConditionBase, *, is_key: bool = False) -> str:
        """Spell a condition."""
        built = self._builder.build_expression(condition, is_key_condition=is_key)
        self._names |= built.attribute_name_placeholders
        self._values |= built.attribute_value_placeholders
        return str(built.condition_expression)

    def update(self, change: Change) -> str:
        """Spell what a change does; an attribute set to None is removed."""
        sets = [f"{self._name(name)} = {self._value(value)}" for name, value in change.set.items() if value is not None]
        sets += [self._once(name, value) for name, value in change.once.items()]
        removes = [self._name(name) for name in (*change.remove, *_absent(change.set))]
        adds = [f"{self._name(name)} {self._value(value)}" for name, value in change.add.items()]
        deletes = [f"{self._name(name)} {self._value(value)}" for name, value in change.delete.items()]
        clauses = (("SET", sets), ("REMOVE", removes), ("ADD", adds), ("DELETE", deletes))
        return " ".join(f"{word} {', '.join(parts)}" for word, parts in clauses if parts)

    def _once(self, name: str, value: Any) -> str:
        placeholder = self._name(name)
        return f"{placeholder} = if_not_exists({placeholder}, {self._value(value)})"

    def _name(self, name: str) -> str:
        placeholder = f"#u{len(self._names)}"
        self._names[placeholder] = name
        return placeholder

    def _value(self, value: Any) -> str:
        placeholder = f":u{len(self._values)}"
        self._values[placeholder] = value
        return placeholder

    def placeholders(self) -> dict[str, Any]:
        """Return the names and values the expressions so far refer to."""
        names = {"ExpressionAttributeNames": self._names} if self._names else {}
        values = {name: to_value(value) for name, value in self._values.items()}
        return names | ({"ExpressionAttributeValues": values} if values else {})


def _absent(row: Row) -> list[str]:
    return [name for name, value in row.items() if value is None]
