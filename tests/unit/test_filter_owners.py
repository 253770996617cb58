"""What a filter says of owners alone: whose memories it can reach, and whose are meant."""

import pytest

from ricordo.domain.filters import (
    All,
    AnyOf,
    Expression,
    MetadataPresent,
    Not,
    OwnedBy,
    covering_owners,
    owner_pattern,
)
from ricordo.domain.scope import Owner, OwnerType

ANA, BO = (OwnedBy(OwnerType.USER, frozenset([name])) for name in ("ana", "bo"))
BOTH = OwnedBy(OwnerType.USER, frozenset(["ana", "bo"]))
CHEF = OwnedBy(OwnerType.AGENT, frozenset(["chef"]))
ANY_USER = OwnedBy(OwnerType.USER, None)
TAGGED = MetadataPresent("tag")


@pytest.mark.parametrize(
    ("where", "owners"),
    [
        (ANA, {"ana"}),
        (BOTH, {"ana", "bo"}),
        (AnyOf((ANA, BO, CHEF)), {"ana", "bo", "chef"}),
        (AnyOf((ANA, TAGGED)), None),
        (All((TAGGED, ANA)), {"ana"}),
        (All((CHEF, BOTH)), {"ana", "bo"}),
        (All((BOTH, ANA)), {"ana"}),
        (All((ANY_USER, CHEF)), {"chef"}),
        (AnyOf((All((ANA, TAGGED)), BO)), {"ana", "bo"}),
        (Not(ANA), None),
        (ANY_USER, None),
        (All(), None),
        (AnyOf(), None),
        (OwnedBy(OwnerType.USER, frozenset()), set()),
    ],
)
def test_a_filter_reaches_the_memories_of_these_owners(where: Expression, owners: set[str] | None) -> None:
    """The fewest that cover all it accepts, users before agents, or nobody in particular."""
    covering = covering_owners(where)
    assert owners == (None if covering is None else {owner.id for owner in covering})


def test_owners_are_told_with_their_type() -> None:
    """A user and an agent of one name are two owners."""
    same = AnyOf(tuple(OwnedBy(owner_type, frozenset(["x"])) for owner_type in OwnerType))
    assert covering_owners(same) == {Owner(owner_type, "x") for owner_type in OwnerType}


def test_a_conjunction_of_owners_is_a_pattern() -> None:
    """One value an owner type, the wildcard among them; no owners are everybody."""
    assert owner_pattern(All((ANA, OwnedBy(OwnerType.RUN, None)))) == {OwnerType.USER: "ana", OwnerType.RUN: "*"}
    assert owner_pattern(ANA) == {OwnerType.USER: "ana"}
    assert owner_pattern(All()) == {}


@pytest.mark.parametrize("where", [BOTH, TAGGED, All((ANA, TAGGED)), AnyOf((ANA,)), Not(ANA)])
def test_anything_else_is_no_pattern(where: Expression) -> None:
    """To ask for one is a fault of the program."""
    with pytest.raises(TypeError):
        owner_pattern(where)
