"""What DynamoDB makes of an attribute's value: how large it is, and whether it is one at all.

A value is `{"S": "text"}` as a client sends it, or anything with `type` and `value`; binary is bytes or base64.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from support.aws_guard.limits import (
    CONSTRAINTS,
    ITEM_BYTES,
    NESTED_LEVELS,
    NUMBER_DIGITS,
    RefusedRequestError,
)

SETS = {"SS": "S", "NS": "N", "BS": "B"}
CONTAINER_BYTES = 3
ELEMENT_BYTES = 1
SMALLEST_EXPONENT, LARGEST_EXPONENT = -130, 125


def parts(attribute: Any) -> tuple[str, Any]:
    """Return the type and the value of an attribute."""
    if isinstance(attribute, Mapping):
        ((kind, value),) = attribute.items()
        return kind, value
    return attribute.type, attribute.value


def item_size(item: Mapping[str, Any]) -> int:
    """Return the bytes of an item.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + value_size(*parts(value)) for name, value in item.items())


def value_size(kind: str, value: Any) -> int:
    """Return the bytes of a value without its name; see `item_size`."""
    if kind in SETS:
        return sum(value_size(SETS[kind], element) for element in value)
    if kind == "M":
        return CONTAINER_BYTES + len(value) * ELEMENT_BYTES + item_size(value)
    if kind == "L":
        return CONTAINER_BYTES + sum(ELEMENT_BYTES + value_size(*parts(element)) for element in value)
    return _scalar_size(kind, value)


def _scalar_size(kind: str, value: Any) -> int:
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        number = _number(value)
        return 1 + (_digits(number) + 1) // 2 + (number < 0)
    if kind == "B":
        return len(value) if isinstance(value, bytes | bytearray) else len(value) // 4 * 3 - value[-2:].count("=")
    return 1


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise RefusedRequestError(f"not a number: {text}; {CONSTRAINTS}") from error
    if not number.is_finite():
        raise RefusedRequestError(f"not a number: {text}; {CONSTRAINTS}")
    return number


def _digits(number: Decimal) -> int:
    """Count the significant digits."""
    return len("".join(map(str, number.as_tuple().digits)).strip("0"))


def check_item(item: Mapping[str, Any]) -> None:
    """Refuse an item that is too large or holds what is no value.

    Raises:
        RefusedRequestError: it does.
    """
    ITEM_BYTES.check(item_size(item))
    check_values(item)


def check_values(values: Mapping[str, Any]) -> None:
    """Refuse what is no value, however deep it lies.

    Raises:
        RefusedRequestError: one is.
    """
    for attribute in values.values():
        for level, kind, value in _walk(attribute, level=1):  # DynamoDB Local counts the item as the first
            NESTED_LEVELS.check(level)
            if kind == "N":
                _check_number(value)
            elif kind in SETS:
                _check_set(kind, value)


def _walk(attribute: Any, *, level: int) -> Iterator[tuple[int, str, Any]]:
    kind, value = parts(attribute)
    is_container = kind in {"M", "L"}
    yield level + is_container, kind, value
    if is_container:
        for element in value.values() if kind == "M" else value:
            yield from _walk(element, level=level + 1)


def _check_number(text: str) -> None:
    number = _number(text)
    NUMBER_DIGITS.check(_digits(number))
    if number and not SMALLEST_EXPONENT <= number.adjusted() <= LARGEST_EXPONENT:
        raise RefusedRequestError(f"number out of range: {text}; {CONSTRAINTS}")


def _check_set(kind: str, elements: Any) -> None:
    if kind == "NS":
        for element in elements:
            _check_number(element)
    distinct = {_number(element) for element in elements} if kind == "NS" else set(elements)
    if not elements or len(distinct) != len(elements):
        raise RefusedRequestError(f"a set is empty or names an element twice; {CONSTRAINTS}")
