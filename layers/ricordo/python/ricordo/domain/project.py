"""The tenant, its owners and its keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ricordo.domain.ids import KeyId, ProjectId
from ricordo.domain.scope import OwnerType


@dataclass(frozen=True, slots=True)
class Project:
    """A tenant. It comes from the API key alone, never from a request's body.

    Attributes:
        retention_days: How long a deleted memory's history is kept.
        shows_superseded: Whether searches show superseded memories when not told (mem0 does, we do not).
    """

    project_id: ProjectId
    org_id: str
    name: str
    created_at: datetime
    updated_at: datetime
    retention_days: int = 30
    shows_superseded: bool = False


class AccessRole(StrEnum):
    """What a key may do in its project."""

    OWNER = "owner"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key: never the secret, only its keyed hash (HMAC-SHA-256, hex)."""

    key_id: KeyId
    project_id: ProjectId
    org_id: str
    name: str
    role: AccessRole
    secret_hash: str
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: what the authorizer found behind a key."""

    key_id: KeyId
    project_id: ProjectId
    org_id: str
    role: AccessRole


@dataclass(frozen=True, slots=True)
class OwnerRecord:
    """One user, agent, app or run that memories were added for."""

    project_id: ProjectId
    type: OwnerType
    owner_id: str
    created_at: datetime
    updated_at: datetime
    metadata: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OwnerTotals:
    """How many owners of each kind a project has."""

    users: int
    agents: int
    apps: int
    runs: int
