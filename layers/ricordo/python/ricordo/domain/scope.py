"""Whose memory it is: users, agents, apps and runs."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ricordo.domain.errors import InvalidRequestError

MAX_OWNER_ID_CHARS = 512
_NUMBER_BOUND = 10**MAX_OWNER_ID_CHARS
WILDCARD = "*"


class OwnerType(StrEnum):
    """The four kinds of owner; mem0's API calls owners "entities"."""

    USER = "user"
    AGENT = "agent"
    APP = "app"
    RUN = "run"

    @property
    def field(self) -> str:
        """Name of the field that carries such an owner's id, e.g. `user_id`."""
        return f"{self.value}_id"


class Owner(NamedTuple):
    """One owner of memories."""

    type: OwnerType
    id: str


@dataclass(frozen=True, slots=True)
class Scope:
    """The owners of a memory; at least one is set in everything that is stored."""

    user_id: str | None = None
    agent_id: str | None = None
    app_id: str | None = None
    run_id: str | None = None

    def __getitem__(self, owner_type: OwnerType) -> str | None:
        return {
            OwnerType.USER: self.user_id,
            OwnerType.AGENT: self.agent_id,
            OwnerType.APP: self.app_id,
            OwnerType.RUN: self.run_id,
        }[owner_type]

    def owners(self) -> Iterator[Owner]:
        """Yield the owners that are set, in the order user, agent, app, run."""
        for owner_type in OwnerType:
            owner_id = self[owner_type]
            if owner_id is not None:
                yield Owner(owner_type, owner_id)

    @property
    def is_empty(self) -> bool:
        """No owner is set."""
        return not any(True for _ in self.owners())

    def digest(self) -> str:
        """Return 32 hex digits naming exactly this set of owners; used in uniqueness and thread keys."""
        parts = [f"{owner.type}={len(owner.id)}:{owner.id}" for owner in self.owners()]
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def owner_id(value: object, field: str) -> str:
    """Read one owner id: a non-blank string without leading or trailing space, or a whole number.

    Raises:
        InvalidRequestError: `value` is anything else, or longer than 512 characters.
    """
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _NUMBER_BOUND:
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise InvalidRequestError(f"{field} must be a non-empty string.")
    value = value.strip()
    if len(value) > MAX_OWNER_ID_CHARS:
        raise InvalidRequestError(f"{field} must have at most {MAX_OWNER_ID_CHARS} characters.")
    return value
