"""Compile a filter expression to an SQL condition on `memories AS m`.

Every condition yields 0 or 1, never NULL, so that `NOT` means what it means in `domain/filters.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from ricordo.domain import filters as f
from ricordo.domain.filter_grammar import count_conditions
from ricordo.domain.moments import to_micros
from ricordo.domain.scope import OwnerType

_OWNER_COLUMNS = {
    OwnerType.USER: "m.user_id",
    OwnerType.AGENT: "m.agent_id",
    OwnerType.APP: "m.app_id",
    OwnerType.RUN: "m.run_id",
}
_TIME_COLUMNS = {
    f.TimeField.CREATED_AT: "m.created_us",
    f.TimeField.UPDATED_AT: "m.updated_us",
    f.TimeField.EXPIRATION_DATE: "m.expiration_start_us",
}


@dataclass(slots=True)
class SqlCondition:
    """SQL text, and the values for its question marks in order."""

    sql: str = ""
    values: list[object] = field(default_factory=list)


def compile_filter(expression: f.Expression) -> SqlCondition:
    """Return the condition that holds for exactly the rows `domain.filters.matches` accepts."""
    condition = SqlCondition()
    condition.sql = _compile(expression, condition.values)
    return condition


def _compile(expression: f.Expression, values: list[object], *, negated: bool = False) -> str:
    """Write an expression, or its opposite; NOT moves down to the conditions, by De Morgan's laws."""
    match expression:
        case f.Not(part):
            return _compile(part, values, negated=not negated)
        case f.All(parts) | f.AnyOf(parts):
            holds_all = isinstance(expression, f.All) is not negated
            if not parts:
                return "1" if holds_all else "0"
            by_weight = sorted(parts, key=count_conditions, reverse=True)
            return _joined(" AND " if holds_all else " OR ", by_weight, values, negated=negated)
        case _:
            condition = _condition(expression, values)
            return f"NOT ({condition})" if negated else condition


def _joined(operator: str, parts: Sequence[f.Expression], values: list[object], *, negated: bool) -> str:
    """Join parts, heaviest first, as a tree that is balanced by weight.

    SQLite's parser has a stack of 100 and its trees a depth of 1,000. What stands on the left costs one place
    of the stack a level, on the right three; the right side is the lighter half: there are ten at most.
    """
    if len(parts) == 1:
        return _compile(parts[0], values, negated=negated)
    weights = [count_conditions(part) for part in parts]
    middle = 1
    while middle < len(parts) - 1 and sum(weights[:middle]) * 2 < sum(weights):
        middle += 1
    left = _joined(operator, parts[:middle], values, negated=negated)
    right = _joined(operator, parts[middle:], values, negated=negated)
    return f"({left}{operator}{right})"


def _condition(condition: f.Condition, values: list[object]) -> str:  # noqa: C901, PLR0911  one line a condition
    match condition:
        case f.OwnedBy(owner_type, ids):
            return _one_of(_OWNER_COLUMNS[owner_type], ids, values)
        case f.Within(time_field, start, end):
            return _within(_TIME_COLUMNS[time_field], start, end, values)
        case f.CategoryIn(names):
            inner = _one_of("c.category", names, values)
            return f"EXISTS (SELECT 1 FROM memory_categories c WHERE c.row = m.row AND {inner})"
        case f.CategoryContains(fragment):
            values.append(fragment.casefold())
            return (
                "EXISTS (SELECT 1 FROM memory_categories c WHERE c.row = m.row AND instr(casefold(c.category), ?) > 0)"
            )
        case f.MetadataIs(key, token):
            return _metadata("t.token = ?", [key, token], values)
        case f.MetadataPresent(key):
            return _metadata("t.token <> ?", [key, f.NULL_TOKEN], values)
        case f.MetadataContains(key, value):
            # As bytes: on text, substr ends at a NUL.
            bytes_after_mark = "substr(CAST(t.token AS BLOB), 3)"
            in_string = f"substr(t.token, 1, 2) = 's:' AND instr({bytes_after_mark}, CAST(? AS BLOB)) > 0"
            in_list = "substr(t.token, 1, 2) = 'l:' AND instr(t.token, ?) > 0"
            operands: list[object] = [key, value, f.list_element_mark(value)]
            return _metadata(f"(({in_string}) OR ({in_list}))", operands, values)
        case f.TextContains(fragment, folds_case):
            values.append(fragment.casefold() if folds_case else fragment)
            return f"instr({'casefold(m.text)' if folds_case else 'm.text'}, ?) > 0"
        case f.IdIn(ids):
            return _one_of("m.memory_id", ids, values)
        case f.InState(states):
            return _one_of("m.state", frozenset(state.value for state in states), values)
        case f.UnexpiredAt(at):
            values.append(to_micros(at))
            return "(m.expiration_end_us IS NULL OR m.expiration_end_us > ?)"
        case _:
            assert_never(condition)


def _one_of(column: str, ids: frozenset[str] | None, values: list[object]) -> str:
    if ids is None:
        return f"({column} IS NOT NULL)"
    values.extend(sorted(ids))
    if len(ids) == 1:
        return f"({column} IS NOT NULL AND {column} = ?)"
    return f"({column} IS NOT NULL AND {column} IN ({', '.join('?' * len(ids))}))"


def _within(column: str, start: datetime | None, end: datetime | None, values: list[object]) -> str:
    parts = [f"{column} IS NOT NULL"]
    for comparison, bound in ((">=", start), ("<", end)):
        if bound is not None:
            parts.append(f"{column} {comparison} ?")
            values.append(to_micros(bound))
    return f"({' AND '.join(parts)})"


def _metadata(condition: str, operands: list[object], values: list[object]) -> str:
    values.extend(operands)
    return f"EXISTS (SELECT 1 FROM memory_metadata t WHERE t.row = m.row AND t.key = ? AND {condition})"
