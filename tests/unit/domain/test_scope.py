"""Whose memory it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.scope import MAX_OWNER_ID_CHARS, Owner, OwnerType, Scope, owner_id

ids = st.none() | st.sampled_from(["a", "ab", "a\0agent=1:b", "1:a", "", "agent=1:a"])
scopes = st.builds(Scope, ids, ids, ids, ids)


def test_owners_come_in_order() -> None:
    """User, agent, app, run; those not set are left out."""
    scope = Scope(run_id="r", user_id="u")

    assert list(scope.owners()) == [Owner(OwnerType.USER, "u"), Owner(OwnerType.RUN, "r")]
    assert scope[OwnerType.APP] is None
    assert [owner_type.field for owner_type in OwnerType] == ["user_id", "agent_id", "app_id", "run_id"]


def test_a_scope_without_owners_is_empty() -> None:
    """One owner of any type is enough."""
    assert Scope().is_empty
    assert not Scope(app_id="a").is_empty


@given(scopes, scopes)
def test_a_digest_names_exactly_one_scope(one: Scope, other: Scope) -> None:
    """Two scopes have one digest exactly when they are equal, whatever their ids hold."""
    assert (one.digest() == other.digest()) is (one == other)
    assert len(one.digest()) == 32


@pytest.mark.parametrize(("value", "expected"), [
    ("ana", "ana"), (" ana\n", "ana"), ("a b", "a b"), (7, "7"), (-1, "-1"), (0, "0"), ("*", "*"),
    ("x" * MAX_OWNER_ID_CHARS, "x" * MAX_OWNER_ID_CHARS), (f"  {'x' * MAX_OWNER_ID_CHARS} ",
    "x" * MAX_OWNER_ID_CHARS),
])  # fmt: skip
def test_an_owner_id_is_read(value: object, expected: str) -> None:
    """Strings without the space around them, and whole numbers."""
    assert owner_id(value, "user_id") == expected


@pytest.mark.parametrize("value", [None, "", " \t", True, 1.0, [], {}, b"ana", "x" * (MAX_OWNER_ID_CHARS + 1), 10**600])
def test_other_owner_ids_are_refused(value: object) -> None:
    """The refusal names the field."""
    with pytest.raises(InvalidRequestError, match="user_id"):
        owner_id(value, "user_id")
