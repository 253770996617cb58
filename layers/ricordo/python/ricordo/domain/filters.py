"""A filter as an expression tree, and what it means.

The tree is two-valued: a condition on an absent value is simply false, and `Not` turns it true. That is why
`ne` (a negated equality) includes nulls, as mem0's does. `matches` is the meaning; compilers of adapters must
agree with it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, assert_never

from ricordo.domain.memory import LifecycleState, Memory
from ricordo.domain.scope import WILDCARD, Owner, OwnerType


class TimeField(StrEnum):
    """Fields of a memory that hold a time; `timestamp` is another name of `created_at`."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    EXPIRATION_DATE = "expiration_date"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; true when empty."""

    parts: tuple["Expression", ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; false when empty."""

    parts: tuple["Expression", ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Expression"


@dataclass(frozen=True, slots=True)
class OwnedBy:
    """The owner of this type is one of `ids`; any owner at all where `ids` is None (the wildcard)."""

    type: OwnerType
    ids: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Within:
    """The time lies in `[start, end)`; None is open. An absent time lies nowhere."""

    field: TimeField
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class CategoryIn:
    """One category is one of `names`; any category at all where `names` is None."""

    names: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class CategoryContains:
    """One category contains `fragment`, whatever its case."""

    fragment: str


@dataclass(frozen=True, slots=True)
class MetadataIs:
    """The metadata under `key` equals the value of this token (see `metadata_token`)."""

    key: str
    token: str


@dataclass(frozen=True, slots=True)
class MetadataPresent:
    """The metadata under `key` is there and not null."""

    key: str


@dataclass(frozen=True, slots=True)
class MetadataContains:
    """The metadata under `key` is a string with this fragment, or a list with this element."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class TextContains:
    """The memory's text contains `fragment`; `folds_case` compares whatever the case."""

    fragment: str
    folds_case: bool


@dataclass(frozen=True, slots=True)
class IdIn:
    """The memory is one of these."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class InState:
    """The memory is in one of these lifecycle states."""

    states: frozenset[LifecycleState]


@dataclass(frozen=True, slots=True)
class UnexpiredAt:
    """The memory is not past its expiration at this time."""

    at: datetime


Condition: TypeAlias = (
    OwnedBy
    | Within
    | CategoryIn
    | CategoryContains
    | MetadataIs
    | MetadataPresent
    | MetadataContains
    | TextContains
    | IdIn
    | InState
    | UnexpiredAt
)
Expression: TypeAlias = All | AnyOf | Not | Condition

NULL_TOKEN = "null"  # noqa: S105  a spelling of JSON's null, no secret
_ELEMENT_MARK = "\x1f"


def metadata_token(value: object) -> str:
    """Spell a metadata value so that two values are equal exactly when their tokens are.

    1 and 1.0 are equal, 1 and true are not. A string's token is `"s:"` and the string itself; a list's holds
    its elements' tokens between marks, so that membership is a search for a substring.
    """
    if isinstance(value, str):
        return f"s:{value}"
    if isinstance(value, list | tuple):
        return "l:" + "".join(_ELEMENT_MARK + _element(item) for item in value) + _ELEMENT_MARK
    if isinstance(value, Mapping):
        return "d:" + json.dumps({str(key): metadata_token(item) for key, item in value.items()}, sort_keys=True)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, default=str)


def _element(value: object) -> str:
    return json.dumps(metadata_token(value))


def list_element_mark(value: object) -> str:
    """Return what a list's token contains exactly when the list has this element."""
    return f"{_ELEMENT_MARK}{_element(value)}{_ELEMENT_MARK}"


def matches(expression: Expression, memory: Memory) -> bool:
    """Say whether `memory` satisfies `expression`."""
    match expression:
        case All(parts):
            return all(matches(part, memory) for part in parts)
        case AnyOf(parts):
            return any(matches(part, memory) for part in parts)
        case Not(part):
            return not matches(part, memory)
        case _:
            return _holds(expression, memory)


def _holds(condition: Condition, memory: Memory) -> bool:  # noqa: C901, PLR0911, PLR0912  one line a condition
    match condition:
        case OwnedBy(owner_type, ids):
            owner = memory.scope[owner_type]
            return owner is not None and (ids is None or owner in ids)
        case Within(time_field, start, end):
            return _lies_within(_time_of(time_field, memory), start, end)
        case CategoryIn(names):
            return bool(memory.categories) if names is None else not names.isdisjoint(memory.categories)
        case CategoryContains(fragment):
            return any(fragment.casefold() in category.casefold() for category in memory.categories)
        case MetadataIs(key, token):
            return key in memory.metadata and metadata_token(memory.metadata[key]) == token
        case MetadataPresent(key):
            return memory.metadata.get(key) is not None
        case MetadataContains(key, value):
            return _metadata_contains(memory.metadata, key, value)
        case TextContains(fragment, folds_case):
            if folds_case:
                return fragment.casefold() in memory.text.casefold()
            return fragment in memory.text
        case IdIn(ids):
            return memory.memory_id in ids
        case InState(states):
            return memory.state in states
        case UnexpiredAt(at):
            return not memory.is_expired(at)
        case _:
            assert_never(condition)


def _time_of(time_field: TimeField, memory: Memory) -> datetime | None:
    match time_field:
        case TimeField.CREATED_AT:
            return memory.created_at
        case TimeField.UPDATED_AT:
            return memory.updated_at
        case TimeField.EXPIRATION_DATE:
            return memory.expiration.start if memory.expiration else None
        case _:
            assert_never(time_field)


def _lies_within(at: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    return at is not None and (start is None or at >= start) and (end is None or at < end)


def _metadata_contains(metadata: Mapping[str, object], key: str, value: str) -> bool:
    held = metadata.get(key)
    if isinstance(held, str):
        return value in held
    if isinstance(held, list | tuple):
        return value in held
    return False


def covering_owners(where: Expression) -> frozenset[Owner] | None:
    """Return owners such that all `where` accepts belongs to one of them; None when there is no such set.

    Of several such sets it is the one whose owners have the least, as a rule.
    """
    match where:
        case OwnedBy(owner_type, ids) if ids is not None:
            return frozenset(Owner(owner_type, owner_id) for owner_id in ids)
        case All(parts):
            covers = [cover for part in parts if (cover := covering_owners(part)) is not None]
            return min(covers, key=_breadth) if covers else None
        case AnyOf(parts) if parts:
            covers = [cover for part in parts if (cover := covering_owners(part)) is not None]
            return frozenset().union(*covers) if len(covers) == len(parts) else None
        case _:
            return None


def _breadth(owners: frozenset[Owner]) -> int:
    """Guess how much these owners have: a few agents and apps own everything, many users and runs a little."""
    return sum(20 if owner.type in {OwnerType.AGENT, OwnerType.APP} else 1 for owner in owners)


def owner_pattern(where: Expression) -> dict[OwnerType, str]:
    """Spell a conjunction of owners as one value an owner type; the wildcard stays one.

    Raises:
        TypeError: it is anything else; a fault of the program.
    """
    parts = where.parts if isinstance(where, All) else (where,)
    pattern: dict[OwnerType, str] = {}
    for part in parts:
        if not isinstance(part, OwnedBy) or (part.ids is not None and len(part.ids) != 1):
            raise TypeError("one owner a type, or the wildcard, is all this can say")
        pattern[part.type] = WILDCARD if part.ids is None else next(iter(part.ids))
    return pattern
