"""What mem0's filters mean for a memory, and how much of them is read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.builders import a_memory

from ricordo.domain import filters as f
from ricordo.domain.errors import InvalidFilterError, MissingScopeError
from ricordo.domain.filter_grammar import MAX_CONDITIONS, MAX_DEPTH, parse_filters, require_scope
from ricordo.domain.memory import Memory
from ricordo.domain.moments import Moment, parse_moment
from ricordo.domain.scope import Scope

DAY = timedelta(days=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def nested(depth: int, key: str = "AND") -> Any:
    """Nest a condition below `depth` groups."""
    filters: Any = {"user_id": "ana"}
    for _ in range(depth):
        filters = {key: filters if key == "NOT" else [filters]}
    return filters


@pytest.mark.parametrize("key", ["AND", "OR", "NOT"])
def test_depth_is_bounded(key: str) -> None:
    """The documented depth is read, one more is refused, and a very deep filter is refused as quickly."""
    parse_filters(nested(MAX_DEPTH, key))
    for depth in (MAX_DEPTH + 1, 5_000):
        with pytest.raises(InvalidFilterError, match="24 levels"):
            parse_filters(nested(depth, key))


@pytest.mark.parametrize("many", [
    lambda n: {"OR": [{"user_id": "ana"}] * n},
    lambda n: {"memory_ids": [str(number) for number in range(n)]},
    lambda n: {"user_id": {"in": [str(number) for number in range(n)]}},
    lambda n: {"categories": [str(number) for number in range(n)]},
    lambda n: {"created_at": {"in": ["2026-01-01"] * n}},
    lambda n: {"metadata": {str(number): 1 for number in range(n)}},
])  # fmt: skip
def test_length_is_bounded(many: Any) -> None:
    """The documented number of conditions is read, one more is refused; each listed value counts."""
    parse_filters(many(MAX_CONDITIONS))
    with pytest.raises(InvalidFilterError, match="1000 conditions"):
        parse_filters(many(MAX_CONDITIONS + 1))


@pytest.mark.parametrize("filters", [
    {"user_id": "ana"}, {"user_id": "*"}, {"OR": [{"user_id": "*"}]}, {"AND": [{"run_id": {"in": ["r"]}}]},
    {"keywords": "tea", "app_id": "ios"}, {"OR": [{"user_id": "ana"}, {"agent_id": "chef"}]},
    {"user_id": {"ne": "bo"}, "agent_id": "*"},
])  # fmt: skip
def test_a_positive_owner_is_a_scope(filters: object) -> None:
    """Any owner named positively at any level is enough, the wildcard too."""
    require_scope(parse_filters(filters))


@pytest.mark.parametrize("filters", [
    {}, {"keywords": "tea"}, {"NOT": {"user_id": "ana"}}, {"user_id": {"ne": "ana"}}, {"AND": [{}]},
    {"metadata": {"user_id": "ana"}}, {"memory_ids": ["a"]}, {"NOT": {"NOT": {"user_id": "ana"}}},
    {"created_at": "*"},
])  # fmt: skip
def test_nothing_else_is_a_scope(filters: object) -> None:
    """Negations, metadata and ids name no owner, and no owner never means all."""
    with pytest.raises(MissingScopeError):
        require_scope(parse_filters(filters))


def matches(filters: object, memory: Memory) -> bool:
    """Say whether a memory satisfies a filter as received."""
    return f.matches(parse_filters(filters), memory)


def test_ne_includes_what_has_no_value() -> None:
    """`ne` holds for an absent value, `*` only for a present one; together they are the documented guard."""
    bare = a_memory(scope=Scope(agent_id="chef"), metadata={"null": None})

    assert matches({"user_id": {"ne": "ana"}}, bare)
    assert not matches({"AND": [{"user_id": {"ne": "ana"}}, {"user_id": "*"}]}, bare)
    assert matches({"expiration_date": {"ne": "2026-01-01"}}, bare)
    assert not matches({"expiration_date": "*"}, bare)
    assert matches({"metadata": {"k": {"ne": "v"}}}, bare)
    assert not matches({"metadata": {"null": "*"}}, bare)
    assert matches({"metadata": {"null": None}}, bare)
    assert not matches({"metadata": {"k": None}}, bare)
    assert not matches({"categories": "*"}, bare)
    assert matches({"NOT": {"categories": {"in": ["misc"]}}}, bare)


def test_not_denies_all_of_an_object_and_any_of_a_list() -> None:
    """NOT {a, b} holds unless both do; NOT [a, b] holds only if neither does."""
    memory = a_memory(scope=Scope("ana"), categories=("misc",))

    assert matches({"NOT": {"user_id": "ana", "categories": ["food"]}}, memory)
    assert not matches({"NOT": [{"user_id": "ana"}, {"categories": ["food"]}]}, memory)
    assert matches({"NOT": []}, memory)


def test_a_day_is_whole_at_both_ends() -> None:
    """The first and the last microsecond of a date belong to it; the next one does not."""
    first, last = NEW_YEAR, NEW_YEAR + DAY - TICK
    for at, is_in in ((first - TICK, False), (first, True), (last, True), (last + TICK, False)):
        memory = a_memory(created_at=at)
        assert matches({"created_at": "2026-01-01"}, memory) is is_in
        assert matches({"created_at": {"gte": "2026-01-01", "lte": "2026-01-01"}}, memory) is is_in
        assert matches({"created_at": {"gt": "2026-01-01"}}, memory) is (at > last)
        assert matches({"created_at": {"lt": "2026-01-01"}}, memory) is (at < first)


def test_an_expiration_is_compared_by_its_beginning() -> None:
    """A memory that expires on a date is found by that date."""
    day: Moment = parse_moment("2026-01-01", "expiration_date")
    memory = replace(a_memory(), expiration=day)

    assert matches({"expiration_date": "2026-01-01"}, memory)
    assert matches({"expiration_date": {"lte": "2026-01-01"}}, memory)
    assert not matches({"expiration_date": {"gt": "2026-01-01"}}, memory)
