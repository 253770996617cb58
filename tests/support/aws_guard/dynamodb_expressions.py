"""What DynamoDB asks of the expressions of a request."""

from collections.abc import Mapping
from typing import Any

from support.aws_guard.expressions import (
    KeyCondition,
    attributes_of,
    count_operators,
    given_expressions,
    in_operands,
    key_conditions,
    placeholders,
)
from support.aws_guard.item_values import check_values, parts, value_size
from support.aws_guard.limits import (
    EXPRESSION_BYTES,
    EXPRESSION_OPERATORS,
    IN_OPERANDS,
    PLACEHOLDER_BYTES,
    QUERY,
    SUBSTITUTION_BYTES,
    RefusedRequestError,
)
from support.aws_guard.table_keys import KeySchema, keys_of


def check_expressions(request: Mapping[str, Any]) -> None:
    """Refuse expressions over a limit, or that do not use exactly the placeholders given.

    Raises:
        RefusedRequestError: one is, or does not.
    """
    for parameter, text in given_expressions(request).items():
        EXPRESSION_BYTES.check(len(text.encode()))
        EXPRESSION_OPERATORS.check(count_operators(text, is_update=parameter == "UpdateExpression"))
        IN_OPERANDS.check(in_operands(text))
    names: Mapping[str, str] = request.get("ExpressionAttributeNames") or {}
    values: Mapping[str, Any] = request.get("ExpressionAttributeValues") or {}
    _check_placeholders(request, {*names, *values})
    check_values(values)
    name_bytes = sum(len(name.encode()) for name in names.values())
    SUBSTITUTION_BYTES.check(name_bytes + sum(value_size(*parts(value)) for value in values.values()))


def _check_placeholders(request: Mapping[str, Any], given: set[str]) -> None:
    for placeholder in given:
        PLACEHOLDER_BYTES.check(len(placeholder.encode()))
    used = placeholders(request)
    if unused := sorted(given - used):
        raise RefusedRequestError(f"names or values that no expression uses: {unused}")
    if undefined := sorted(used - given):
        raise RefusedRequestError(f"names or values that are not given: {undefined}")


def check_query(request: Mapping[str, Any]) -> None:
    """Refuse key conditions that name no partition or no key, and filters on the key.

    Raises:
        RefusedRequestError: there are such.
    """
    names: Mapping[str, str] = request.get("ExpressionAttributeNames") or {}
    expression = request.get("KeyConditionExpression")
    if not expression:
        raise RefusedRequestError(f"a query without a KeyConditionExpression; {QUERY}")
    conditions = key_conditions(expression, names)
    known = keys_of(request["TableName"])
    schema = known.of(request.get("IndexName")) if known else None
    _check_key_conditions(conditions, schema)
    keys = {condition.attribute for condition in conditions} | set(schema or ())
    if filtered := sorted(keys & attributes_of(request.get("FilterExpression") or "", names)):
        raise RefusedRequestError(f"a filter on the key attributes {filtered}; {QUERY}")


def _check_key_conditions(conditions: list[KeyCondition], schema: KeySchema | None) -> None:
    named = [condition.attribute for condition in conditions]
    if len(set(named)) != len(named):
        raise RefusedRequestError(f"two conditions on one key attribute: {named}; {QUERY}")
    equal = {condition.attribute for condition in conditions if condition.operator == "="}
    partition = {name for name, role in schema.items() if role == "HASH"} if schema else set()
    if not equal or not partition <= equal:
        raise RefusedRequestError(f"the key condition names no partition; {QUERY}")
    if schema and not set(named) <= set(schema):
        raise RefusedRequestError(f"{named} are not all of the key {sorted(schema)}; {QUERY}")
