"""The options that say whose memories are meant."""

from typing import TYPE_CHECKING, Annotated

import typer

from ricordo.domain.scope import OwnerType, owner_id

if TYPE_CHECKING:
    from ricordo.domain.filters import Expression

UserId = Annotated[str | None, typer.Option("--user-id", help="A user's id.")]
AgentId = Annotated[str | None, typer.Option("--agent-id", help="An agent's id.")]
AppId = Annotated[str | None, typer.Option("--app-id", help="An app's id.")]
RunId = Annotated[str | None, typer.Option("--run-id", help="A run's (session's) id.")]


def named_owners(
    user_id: str | None, agent_id: str | None, app_id: str | None, run_id: str | None
) -> dict[OwnerType, str]:
    """Read the options that were given.

    Raises:
        InvalidRequestError: an id is blank or too long.
    """
    given = zip(OwnerType, (user_id, agent_id, app_id, run_id), strict=True)
    return {owner_type: owner_id(value, f"--{owner_type.value}-id") for owner_type, value in given if value is not None}


def owned_by(owners: dict[OwnerType, str]) -> "Expression":
    """Return the filter for what all these owners share; without any it is everything."""
    from ricordo.domain.filters import All, OwnedBy  # noqa: PLC0415  heavy

    return All(tuple(OwnedBy(owner_type, frozenset({owner})) for owner_type, owner in owners.items()))
