"""mem0's filter language: every form that is read, and every form that is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import a_memory

from ricordo.domain import filters as f
from ricordo.domain.errors import InvalidFilterError
from ricordo.domain.filter_grammar import parse_filters
from ricordo.domain.scope import OwnerType

ANA = f.OwnedBy(OwnerType.USER, frozenset(["ana"]))
CHEF = f.OwnedBy(OwnerType.AGENT, frozenset(["chef"]))
DAY = timedelta(days=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def created(start: datetime | None, end: datetime | None) -> f.Within:
    """Return the condition on `created_at`."""
    return f.Within(f.TimeField.CREATED_AT, start, end)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, f.All()),
        ({"user_id": "ana"}, ANA),
        ({"user_id": "ana", "agent_id": "chef"}, f.All((ANA, CHEF))),
        ({"AND": [{"user_id": "ana"}, {"agent_id": "chef"}]}, f.All((ANA, CHEF))),
        ({"AND": [{"user_id": "ana", "agent_id": "chef"}]}, f.All((f.All((ANA, CHEF)),))),
        ({"OR": [{"user_id": "ana"}, {"agent_id": "chef"}]}, f.AnyOf((ANA, CHEF))),
        ({"OR": [{}]}, f.AnyOf((f.All(),))),
        (
            {"AND": [{"user_id": "ana"}], "OR": [{"agent_id": "chef"}]},
            f.All((f.All((ANA,)), f.AnyOf((CHEF,)))),
        ),
        ({"NOT": {"user_id": "ana"}}, f.Not(f.AnyOf((ANA,)))),
        ({"NOT": [{"user_id": "ana"}, {"agent_id": "chef"}]}, f.Not(f.AnyOf((ANA, CHEF)))),
        ({"NOT": {"OR": [{"user_id": "ana"}]}}, f.Not(f.AnyOf((f.AnyOf((ANA,)),)))),
        ({"NOT": {"user_id": "ana", "agent_id": "chef"}}, f.Not(f.AnyOf((f.All((ANA, CHEF)),)))),
        ({"AND": [{"OR": [{"NOT": {"user_id": "ana"}}]}]}, f.All((f.AnyOf((f.Not(f.AnyOf((ANA,))),)),))),
    ],
)
def test_logic_is_read(filters: object, expected: f.Expression) -> None:
    """Siblings are ANDed; AND, OR and NOT nest in each other."""
    assert parse_filters(filters) == expected


@pytest.mark.parametrize("filters", [
    None, [], "user_id", 1, [{"user_id": "ana"}],
    {"AND": []}, {"OR": []}, {"AND": {"user_id": "ana"}}, {"OR": {"user_id": "ana"}}, {"AND": "x"},
    {"OR": None},
    {"AND": ["user_id"]}, {"OR": [None]}, {"OR": [[{"user_id": "ana"}]]}, {"NOT": "ana"}, {"NOT": [1]},
    {"NOT": None},
    {"and": [{"user_id": "ana"}]}, {"XOR": [{"user_id": "ana"}]},
])  # fmt: skip
def test_broken_logic_is_refused(filters: object) -> None:
    """A group is an object, AND and OR take non-empty lists of them."""
    with pytest.raises(InvalidFilterError):
        parse_filters(filters)


@pytest.mark.parametrize("field", ["source", "metadata.trip", "session_id", "USER_ID", "user", "", "$where", "nin"])
def test_an_unknown_field_is_refused_in_the_platform_s_words(field: str) -> None:
    """The message lists what is allowed."""
    with pytest.raises(InvalidFilterError, match="Top-level key must be a logical operator or an allowed field: "):
        parse_filters({field: "x"})


@pytest.mark.parametrize(("field", "owner_type"), [
    ("user_id", OwnerType.USER), ("agent_id", OwnerType.AGENT), ("app_id", OwnerType.APP), ("run_id",
    OwnerType.RUN),
    ("userId", OwnerType.USER), ("agentId", OwnerType.AGENT), ("appId", OwnerType.APP), ("runId",
    OwnerType.RUN),
])  # fmt: skip
def test_owner_conditions_are_read(field: str, owner_type: OwnerType) -> None:
    """Owners take a bare value, eq, ne, in and the wildcard, by either spelling of their field."""
    one, anyone = f.OwnedBy(owner_type, frozenset(["a b"])), f.OwnedBy(owner_type, None)

    assert parse_filters({field: " a b "}) == one
    assert parse_filters({field: 7}) == f.OwnedBy(owner_type, frozenset(["7"]))
    assert parse_filters({field: {"eq": "a b"}}) == one
    assert parse_filters({field: {"ne": "a b"}}) == f.Not(one)
    assert parse_filters({field: {"in": ["x", "y"]}}) == f.OwnedBy(owner_type, frozenset(["x", "y"]))
    assert parse_filters({field: "*"}) == anyone
    assert parse_filters({field: {"eq": "*"}}) == anyone
    assert parse_filters({field: {"in": ["x", "*"]}}) == anyone
    assert parse_filters({field: {"ne": "*"}}) == f.Not(anyone)
    assert parse_filters({field: {"in": ["x", "y"], "ne": "y"}}) == f.All(
        (f.OwnedBy(owner_type, frozenset(["x", "y"])), f.Not(f.OwnedBy(owner_type, frozenset(["y"]))))
    )


@pytest.mark.parametrize("value", [
    None, "", "  ", True, 1.5, ["ana"], {}, {"": "ana"}, {"eq": None}, {"eq": ["ana"]}, {"in": []},
    {"in": "ana"},
    {"in": {"a": 1}}, {"in": [None]}, {"in": [["ana"]]}, {"nin": ["ana"]}, {"gt": "a"}, {"contains": "a"},
    {"icontains": "a"}, {"!=": "ana"}, {">=": "ana"}, {"EQ": "ana"}, {"eq": {"eq": "ana"}}, "x" * 513,
    10**600,
    {"AND": [{"eq": "a"}]},
])  # fmt: skip
def test_other_owner_conditions_are_refused(value: object) -> None:
    """An owner is one exact id; nothing is guessed."""
    with pytest.raises(InvalidFilterError):
        parse_filters({"user_id": value})


@pytest.mark.parametrize(("written", "expected"), [
    ("2026-01-01", created(NEW_YEAR, NEW_YEAR + DAY)),
    ({"gt": "2026-01-01"}, created(NEW_YEAR + DAY, None)),
    ({"gte": "2026-01-01"}, created(NEW_YEAR, None)),
    ({"lt": "2026-01-01"}, created(None, NEW_YEAR)),
    ({"lte": "2026-01-01"}, created(None, NEW_YEAR + DAY)),
    ({"ne": "2026-01-01"}, f.Not(created(NEW_YEAR, NEW_YEAR + DAY))),
    ({"gte": "2026-01-01", "lt": "2026-01-02"}, f.All((created(NEW_YEAR, None), created(None,
    NEW_YEAR + DAY)))),
    ({"in": ["2026-01-01", "*"]}, f.AnyOf((created(NEW_YEAR, NEW_YEAR + DAY), created(None, None)))),
    ("2026-01-01T00:00:00Z", created(NEW_YEAR, NEW_YEAR + TICK)),
    ("2026-01-01T02:00:00+02:00", created(NEW_YEAR, NEW_YEAR + TICK)),
    ("2026-01-01T00:00", created(NEW_YEAR, NEW_YEAR + TICK)),
    (" 2026-01-01 00:00:00 ", created(NEW_YEAR, NEW_YEAR + TICK)),
    ({"gt": "2026-01-01T00:00:00"}, created(NEW_YEAR + TICK, None)),
    ({"lte": "2026-01-01T00:00:00"}, created(None, NEW_YEAR + TICK)),
    (1767225600, created(NEW_YEAR, NEW_YEAR + TICK)),
    ("1767225600", created(NEW_YEAR, NEW_YEAR + TICK)),
    (1767225600.5, created(NEW_YEAR + timedelta(seconds=0.5), NEW_YEAR + timedelta(seconds=0.5) + TICK)),
    ("*", created(None, None)),
])  # fmt: skip
def test_time_conditions_are_read(written: object, expected: f.Expression) -> None:
    """A date is its whole UTC day, a datetime one microsecond, so every comparison means what it says."""
    assert parse_filters({"created_at": written}) == expected


@pytest.mark.parametrize(("field", "time_field"), [
    ("created_at", f.TimeField.CREATED_AT), ("createdAt", f.TimeField.CREATED_AT),
    ("timestamp", f.TimeField.CREATED_AT),
    ("updated_at", f.TimeField.UPDATED_AT), ("updatedAt", f.TimeField.UPDATED_AT),
    ("expiration_date", f.TimeField.EXPIRATION_DATE), ("expirationDate", f.TimeField.EXPIRATION_DATE),
])  # fmt: skip
def test_each_time_field_is_known(field: str, time_field: f.TimeField) -> None:
    """`timestamp` is another name of `created_at`."""
    assert parse_filters({field: {"gte": "2026-01-01"}}) == f.Within(time_field, NEW_YEAR, None)


@pytest.mark.parametrize("value", [
    {"eq": "2026-01-01"}, None, "", True, [], ["2026-01-01"], {}, "yesterday", "2026-02-30", "2026-1-1",
    "20260101",
    "2026", {"gt": "*"}, {"lte": None}, {"in": []}, {"in": "2026-01-01"}, {"in": [None]}, -1, 10**300,
    float("nan"), float("inf"), {"gte": {"gte": "2026-01-01"}}, {">": "2026-01-01"}, "9999-12-31",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0661",
])  # fmt: skip
def test_other_time_conditions_are_refused(value: object) -> None:
    """An explicit eq is refused as on the Platform, and so is what is no date."""
    with pytest.raises(InvalidFilterError):
        parse_filters({"created_at": value})


@pytest.mark.parametrize(("written", "expected"), [
    ({"categories": {"in": ["a", "b"]}}, f.CategoryIn(frozenset(["a", "b"]))),
    ({"categories": ["a", "b"]}, f.CategoryIn(frozenset(["a", "b"]))),
    ({"categories": "a"}, f.CategoryIn(frozenset(["a"]))),
    ({"categories": "*"}, f.CategoryIn(None)),
    ({"categories": {"contains": "Tra"}}, f.CategoryContains("Tra")),
    ({"keywords": {"contains": "Tea"}}, f.TextContains("Tea", folds_case=False)),
    ({"keywords": {"icontains": "Tea"}}, f.TextContains("Tea", folds_case=True)),
    ({"keywords": "Tea"}, f.TextContains("Tea", folds_case=True)),
    ({"keywords_search": "Tea"}, f.TextContains("Tea", folds_case=True)),
    ({"text": {"contains": "Tea"}}, f.TextContains("Tea", folds_case=False)),
    ({"memory_ids": ["a", "b"]}, f.IdIn(frozenset(["a", "b"]))),
    ({"memoryIds": {"in": ["a"]}}, f.IdIn(frozenset(["a"]))),
    ({"metadata": {"k": "v"}}, f.All((f.MetadataIs("k", "s:v"),))),
    ({"metadata": {"k": {"eq": 1.0}}}, f.All((f.MetadataIs("k", "1"),))),
    ({"metadata": {"k": None}}, f.All((f.MetadataIs("k", "null"),))),
    ({"metadata": {"k": True}}, f.All((f.MetadataIs("k", "true"),))),
    ({"metadata": {"k": {"ne": "v"}}}, f.All((f.Not(f.MetadataIs("k", "s:v")),))),
    ({"metadata": {"k": {"contains": "v"}}}, f.All((f.MetadataContains("k", "v"),))),
    ({"metadata": {"k": "*"}}, f.All((f.MetadataPresent("k"),))),
    ({"metadata": {"k": 1, "": ""}}, f.All((f.MetadataIs("k", "1"), f.MetadataIs("", "s:")))),
    ({"metadata": {"user_id": "bo"}}, f.All((f.MetadataIs("user_id", "s:bo"),))),
])  # fmt: skip
def test_conditions_on_content_are_read(written: object, expected: f.Expression) -> None:
    """Categories, keywords, ids and metadata, each with its own operators."""
    assert parse_filters(written) == expected


@pytest.mark.parametrize("filters", [
    {"categories": {"eq": "a"}}, {"categories": {"ne": "a"}}, {"categories": []}, {"categories": {"in": "a"}},
    {"categories": {"in": []}}, {"categories": [1]}, {"categories": None}, {"categories": {"contains": ""}},
    {"categories": {}}, {"categories": {"contains": ["a"]}},
    {"keywords": ""}, {"keywords": 1}, {"keywords": ["a"]}, {"keywords": {"eq": "a"}},
    {"keywords": {"in": ["a"]}},
    {"text": None}, {"keywords_search": True},
    {"memory_ids": "a"}, {"memory_ids": []}, {"memory_ids": [1]}, {"memory_ids": {"ne": "a"}},
    {"memory_ids": [""]},
    {"metadata": "*"}, {"metadata": {}}, {"metadata": None}, {"metadata": ["k"]}, {"metadata": "k"},
    {"metadata": {"k": {"in": ["a"]}}}, {"metadata": {"k": {"gt": 1}}}, {"metadata": {"k": {"lt": 1}}},
    {"metadata": {"k": {"nested": "v"}}}, {"metadata": {"k": {}}}, {"metadata": {"k": ["v"]}},
    {"metadata": {"k": {"eq": ["v"]}}}, {"metadata": {"k": {"contains": 1}}}, {"metadata": {"k": 10**5000}},
])  # fmt: skip
def test_other_conditions_on_content_are_refused(filters: object) -> None:
    """An operator that a field does not have is refused, never ignored."""
    with pytest.raises(InvalidFilterError):
        parse_filters(filters)


KEYS = [
    "AND", "OR", "NOT", "user_id", "runId", "created_at", "timestamp", "categories", "metadata", "keywords",
    "memory_ids", "eq", "ne", "in", "gt", "lte", "contains", "icontains", "nin", "*", "",
]  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([400, 5000]).map(lambda digits: 10**digits)  # more than Python is willing to write
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["*", "2026-01-01", "9999-12-31", "2026-01-01T00:00:00+23:59", "\ud800", "\0"])
)
keys = st.sampled_from(KEYS) | st.text(st.characters(), max_size=5)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=1_000, deadline=None)
@given(filters=anything | st.dictionaries(keys, anything, max_size=4))
def test_anything_is_either_read_or_refused(filters: object) -> None:
    """Whatever JSON holds, the answer is an expression that can be evaluated, or InvalidFilterError."""
    try:
        expression = parse_filters(filters)
    except InvalidFilterError:
        return
    assert f.matches(expression, a_memory()) in {True, False}
