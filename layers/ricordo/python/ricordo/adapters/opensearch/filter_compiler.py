"""Compile a filter expression to a query of the index.

What the index cannot express is widened: the query then finds more than matches, never less. Beneath a negation
that takes the opposite, so a part is compiled for the side on which it may err.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias, assert_never

from ricordo.adapters.opensearch.documents import (
    metadata_element,
    metadata_equal,
    metadata_present,
    metadata_string,
)
from ricordo.domain import filters as f
from ricordo.domain.moments import to_micros

Query = dict[str, Any]
# An engine refuses queries of more than 1,024 conditions; those beside the filter need some, and the words of a
# question too. https://docs.opensearch.org/latest/query-dsl/compound/bool/
MOST_CONDITIONS: Final = 900
_TIME_FIELDS: Final = {
    f.TimeField.CREATED_AT: "created_us",
    f.TimeField.UPDATED_AT: "updated_us",
    f.TimeField.EXPIRATION_DATE: "expires_us",
}


@dataclass(frozen=True, slots=True)
class Clause:
    """A query that documents must match, or must not."""

    query: Query
    is_negated: bool = False

    @property
    def opposite(self) -> "Clause":
        """What holds where this does not."""
        return Clause(self.query, not self.is_negated)


EVERYTHING: Final = Clause({"match_all": {}})
NOTHING: Final = EVERYTHING.opposite


@dataclass(frozen=True, slots=True)
class CompiledFilter:
    """A filter as the index puts it; where it is not exact, some of what it finds does not match."""

    clause: Clause
    is_exact: bool


def compile_filter(expression: f.Expression) -> CompiledFilter:
    """Return a clause that holds for every document whose memory `domain.filters.matches` accepts."""
    compilation = _Compilation()
    clause = compilation.of(expression, widens=True)
    return CompiledFilter(clause, compilation.is_exact)


@dataclass(slots=True)
class _Compilation:
    conditions: int = 0
    is_exact: bool = True

    def of(self, expression: f.Expression, *, widens: bool) -> Clause:
        match expression:
            case f.Not(part):
                return self.of(part, widens=not widens).opposite
            case f.All(parts):
                return _all_of([self.of(part, widens=widens) for part in parts])
            case f.AnyOf(parts):
                return _all_of([self.of(part, widens=widens).opposite for part in parts]).opposite
            case _:
                return self._of_condition(expression, widens=widens)

    def _of_condition(self, condition: f.Condition, *, widens: bool) -> Clause:
        self.conditions += 1
        sure, possible = (NOTHING, EVERYTHING) if self.conditions > MOST_CONDITIONS else _bounds(condition)
        self.is_exact &= sure == possible
        return possible if widens else sure


def _all_of(clauses: Sequence[Clause]) -> Clause:
    """Join clauses without a condition of its own, so that a query has no more of them than its filter."""
    telling = [clause for clause in clauses if clause != EVERYTHING]
    if NOTHING in telling:
        return NOTHING
    if len(telling) <= 1:
        return telling[0] if telling else EVERYTHING
    wanted = [clause.query for clause in telling if not clause.is_negated]
    unwanted = [clause.query for clause in telling if clause.is_negated]
    if not wanted:
        return Clause({"bool": {"should": unwanted}}, is_negated=True)
    return Clause({"bool": {"filter": wanted, "must_not": unwanted}})


def _bounds(condition: f.Condition) -> tuple[Clause, Clause]:
    """Return what is sure to match, and all that possibly does; the same twice where the index knows."""
    match condition:
        case f.CategoryContains(fragment):
            return _one_of("categories", [fragment]), _present("categories")
        case f.MetadataContains(key, value):
            is_element, is_whole = metadata_element(key, value), metadata_equal(key, f.metadata_token(value))
            return _one_of("metadata", [is_element, is_whole]), _one_of("metadata", [is_element, metadata_string(key)])
        case f.TextContains():
            return NOTHING, EVERYTHING
        case _:
            exact = _exact(condition)
            return exact, exact


_Known: TypeAlias = (
    f.OwnedBy | f.Within | f.CategoryIn | f.MetadataIs | f.MetadataPresent | f.IdIn | f.InState | f.UnexpiredAt
)


def _exact(condition: _Known) -> Clause:  # noqa: C901, PLR0911  one line a condition
    match condition:
        case f.OwnedBy(owner_type, ids):
            return _one_of(owner_type.field, ids)
        case f.Within(time_field, start, end):
            return _within(_TIME_FIELDS[time_field], start, end)
        case f.CategoryIn(names):
            return _one_of("categories", names)
        case f.MetadataIs(key, token):
            return _one_of("metadata", [metadata_equal(key, token)])
        case f.MetadataPresent(key):
            return _one_of("metadata", [metadata_present(key)])
        case f.IdIn(ids):
            return _one_of("memory_id", ids)
        case f.InState(states):
            return _one_of("state", [state.value for state in states])
        case f.UnexpiredAt(at):
            return Clause({"range": {"ends_us": {"gt": to_micros(at)}}})
        case _:
            assert_never(condition)


def _present(field: str) -> Clause:
    return Clause({"exists": {"field": field}})


def _one_of(field: str, values: Collection[str] | None) -> Clause:
    if values is None:
        return _present(field)
    return Clause({"terms": {field: sorted(values)}}) if values else NOTHING


def _within(field: str, start: datetime | None, end: datetime | None) -> Clause:
    bounds = {comparison: to_micros(bound) for comparison, bound in (("gte", start), ("lt", end)) if bound is not None}
    return Clause({"range": {field: bounds}}) if bounds else _present(field)
