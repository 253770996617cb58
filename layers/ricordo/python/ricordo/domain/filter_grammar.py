"""Read mem0's filter language into an expression tree.

    filters := { entry, ... }                       siblings are ANDed
    entry   := "AND" | "OR" : [ filters, ... ]
             | "NOT"        : filters, or a list of them: none may hold
             | FIELD        : value | { operator: value, ... }    operators are ANDed

Which operators a field has, and what a value of it looks like, stands in one table at the end. Where the
Platform drops a sibling `OR` beside an `AND`, it is ANDed here.
"""

from collections.abc import Callable, Mapping, Sequence

from ricordo.domain import filters as f
from ricordo.domain.errors import InvalidFilterError, InvalidRequestError, MissingScopeError
from ricordo.domain.moments import Moment, parse_moment
from ricordo.domain.scope import WILDCARD, OwnerType, owner_id

MAX_DEPTH = 24
MAX_CONDITIONS = 1_000
ALLOWED_FIELDS = [
    "AND", "OR", "NOT", "user_id", "agent_id", "app_id", "run_id", "created_at", "updated_at", "timestamp",
    "expiration_date", "text", "categories", "metadata", "keywords_search", "memory_ids", "keywords",
]  # fmt: skip
_CAMEL_CASE = {
    "userId": "user_id",
    "agentId": "agent_id",
    "appId": "app_id",
    "runId": "run_id",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
    "expirationDate": "expiration_date",
    "memoryIds": "memory_ids",
}


def parse_filters(filters: object) -> f.Expression:
    """Turn a `filters` object as received into an expression.

    Raises:
        InvalidFilterError: not of the grammar, deeper than 24 levels or longer than 1,000 conditions, where
        each
            value of a list counts as one.
    """
    expression = _parse_group(filters, depth=0)
    if count_conditions(expression) > MAX_CONDITIONS:
        raise InvalidFilterError(f"A filter may have at most {MAX_CONDITIONS} conditions.")
    return expression


def require_scope(expression: f.Expression) -> None:
    """Refuse a filter that names no owner positively; `NOT` and `ne` do not count, the wildcard does.

    Raises:
        MissingScopeError: no owner is named.
    """
    if not _names_owner(expression):
        raise MissingScopeError(
            "One of the filters: app_id, user_id, agent_id, run_id is required! "
            'Put it inside "filters", e.g. {"filters": {"user_id": "ana"}}.'
        )


def _names_owner(expression: f.Expression) -> bool:
    match expression:
        case f.All(parts) | f.AnyOf(parts):
            return any(_names_owner(part) for part in parts)
        case f.OwnedBy():
            return True
        case _:
            return False


def count_conditions(expression: f.Expression) -> int:
    """Count the leaves of a tree: one that lists values as many times as it lists, an empty group as one."""
    match expression:
        case f.All(parts) | f.AnyOf(parts):
            return max(1, sum(count_conditions(part) for part in parts))
        case f.Not(part):
            return count_conditions(part)
        case f.OwnedBy(_, values) | f.CategoryIn(values) | f.IdIn(values):
            return len(values) if values else 1
        case _:
            return 1


def _parse_group(group: object, *, depth: int) -> f.Expression:
    if not isinstance(group, Mapping):
        raise InvalidFilterError('A filter must be an object such as {"user_id": "ana"}.')
    if depth > MAX_DEPTH:
        raise InvalidFilterError(f"A filter may be nested at most {MAX_DEPTH} levels deep.")
    parts = tuple(_parse_entry(key, value, depth=depth) for key, value in group.items())
    return parts[0] if len(parts) == 1 else f.All(parts)


def _parse_entry(key: str, value: object, *, depth: int) -> f.Expression:
    key = _CAMEL_CASE.get(key, key)
    if key in {"AND", "OR"}:
        parts = tuple(_parse_group(part, depth=depth + 1) for part in _branches(key, value))
        return f.All(parts) if key == "AND" else f.AnyOf(parts)
    if key == "NOT":
        branches = value if isinstance(value, list) else [value]
        return f.Not(f.AnyOf(tuple(_parse_group(part, depth=depth + 1) for part in branches)))
    if key == "metadata":
        return _parse_metadata(value)
    if key not in _FIELDS:
        raise InvalidFilterError(
            f"Top-level key must be a logical operator or an allowed field: {ALLOWED_FIELDS}. Got: {key[:64]!r}."
        )
    return _parse_condition(key, value, _FIELDS[key])


def _branches(key: str, value: object) -> Sequence[object]:
    if not isinstance(value, list) or not value:
        raise InvalidFilterError(f"{key} must be a non-empty list of filters.")
    return value


Reader = Callable[[str, object], f.Expression]


def _parse_condition(field: str, value: object, operators: Mapping[str, Reader]) -> f.Expression:
    """Read `field: value` or `field: {operator: value, ...}`; the bare value's reader stands under ""."""
    if not isinstance(value, Mapping):
        if "" not in operators:
            raise _unknown_operator(field, "", operators)
        return operators[""](field, value)
    if not value:
        raise InvalidFilterError(f"{field} needs an operator: {_names(operators)}.")
    parts = []
    for operator, operand in value.items():
        if not operator or operator not in operators:
            raise _unknown_operator(field, operator, operators)
        parts.append(operators[operator](field, operand))
    return parts[0] if len(parts) == 1 else f.All(tuple(parts))


def _unknown_operator(field: str, operator: str, operators: Mapping[str, Reader]) -> InvalidFilterError:
    return InvalidFilterError(f"{field} does not support {operator[:32]!r}; use {_names(operators)}.")


def _names(operators: Mapping[str, Reader]) -> str:
    return ", ".join(name or "a bare value" for name in operators)


def _list_of(field: str, value: object) -> Sequence[object]:
    if not isinstance(value, list) or not value:
        raise InvalidFilterError(f'{field} "in" must be a non-empty list.')
    return value


def _text(field: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidFilterError(f"{field} must be compared with a non-empty string.")
    return value


def _negated(reader: Reader) -> Reader:
    return lambda field, value: f.Not(reader(field, value))


def _owner_is(field: str, value: object) -> f.Expression:
    owner_type = OwnerType(field.removesuffix("_id"))
    if value == WILDCARD:
        return f.OwnedBy(owner_type, None)
    return f.OwnedBy(owner_type, frozenset([_owner_id(field, value)]))


def _owner_in(field: str, value: object) -> f.Expression:
    owner_type = OwnerType(field.removesuffix("_id"))
    items = _list_of(field, value)
    if WILDCARD in items:
        return f.OwnedBy(owner_type, None)
    return f.OwnedBy(owner_type, frozenset(_owner_id(field, item) for item in items))


def _owner_id(field: str, value: object) -> str:
    try:
        return owner_id(value, field)
    except InvalidRequestError as error:
        raise InvalidFilterError(error.message) from error


def _moment(field: str, value: object) -> Moment:
    try:
        return parse_moment(value, field)
    except InvalidRequestError as error:
        raise InvalidFilterError(error.message) from error


def _time_field(field: str) -> f.TimeField:
    return f.TimeField.CREATED_AT if field == "timestamp" else f.TimeField(field)


def _time_is(field: str, value: object) -> f.Expression:
    if value == WILDCARD:
        return f.Within(_time_field(field), None, None)
    moment = _moment(field, value)
    return f.Within(_time_field(field), moment.start, moment.end)


def _time_in(field: str, value: object) -> f.Expression:
    return f.AnyOf(tuple(_time_is(field, item) for item in _list_of(field, value)))


def _category_is(_field: str, value: object) -> f.Expression:
    names = None if value == WILDCARD else frozenset([_text("categories", value)])
    return f.CategoryIn(names)


def _category_in(field: str, value: object) -> f.Expression:
    return f.CategoryIn(frozenset(_text("categories", item) for item in _list_of(field, value)))


def _category_bare(field: str, value: object) -> f.Expression:
    return _category_in(field, value) if isinstance(value, list) else _category_is(field, value)


def _ids(field: str, value: object) -> f.Expression:
    return f.IdIn(frozenset(_text(field, item) for item in _list_of(field, value)))


def _parse_metadata(value: object) -> f.Expression:
    if value == WILDCARD or not isinstance(value, Mapping) or not value:
        raise InvalidFilterError('metadata must be an object such as {"metadata": {"source": "mail"}}.')
    return f.All(tuple(_parse_condition(str(key), item, _METADATA) for key, item in value.items()))


def _metadata_is(key: str, value: object) -> f.Expression:
    if value == WILDCARD:
        return f.MetadataPresent(key)
    if isinstance(value, list | Mapping):
        raise InvalidFilterError('metadata values are compared with one scalar; use "contains" or several in an OR.')
    try:
        token = f.metadata_token(value)
    except ValueError as error:  # Python writes no integer of more than 4,300 digits
        raise InvalidFilterError(f"The number under metadata.{key[:64]} is too large.") from error
    return f.MetadataIs(key, token)


def _text_contains(*, folds_case: bool) -> Reader:
    return lambda field, value: f.TextContains(_text(field, value), folds_case)


_OWNER: Mapping[str, Reader] = {
    "": _owner_is,
    "eq": _owner_is,
    "ne": _negated(_owner_is),
    "in": _owner_in,
}
_TIME: Mapping[str, Reader] = {
    "": _time_is,
    "ne": _negated(_time_is),
    "in": _time_in,
    "gt": lambda field, value: f.Within(_time_field(field), _moment(field, value).end, None),
    "gte": lambda field, value: f.Within(_time_field(field), _moment(field, value).start, None),
    "lt": lambda field, value: f.Within(_time_field(field), None, _moment(field, value).start),
    "lte": lambda field, value: f.Within(_time_field(field), None, _moment(field, value).end),
}
_METADATA: Mapping[str, Reader] = {
    "": _metadata_is,
    "eq": _metadata_is,
    "ne": _negated(_metadata_is),
    "contains": lambda key, value: f.MetadataContains(key, _text(f"metadata.{key}", value)),
}
_CATEGORIES: Mapping[str, Reader] = {
    "": _category_bare,
    "in": _category_in,
    "contains": lambda _field, value: f.CategoryContains(_text("categories", value)),
}
_KEYWORDS: Mapping[str, Reader] = {
    "": _text_contains(folds_case=True),
    "contains": _text_contains(folds_case=False),
    "icontains": _text_contains(folds_case=True),
}
_FIELDS: Mapping[str, Mapping[str, Reader]] = {
    **dict.fromkeys(("user_id", "agent_id", "app_id", "run_id"), _OWNER),
    **dict.fromkeys(("created_at", "updated_at", "timestamp", "expiration_date"), _TIME),
    **dict.fromkeys(("keywords", "keywords_search", "text"), _KEYWORDS),
    "categories": _CATEGORIES,
    "memory_ids": {"": _ids, "in": _ids},
}
