from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ricordo.domain.ids import ProjectId


@dataclass(frozen=True, slots=True)
class Claimed:
    """The caller is the one to do the work; a later claim of the key ends later, so `until` tells them apart."""

    until: datetime


@dataclass(frozen=True, slots=True)
class InProgress:
    """Another caller is doing it."""


@dataclass(frozen=True, slots=True)
class Answered:
    """It was done; `answer` is what `complete` was given."""

    answer: str


class IdempotencyStore(Protocol):
    """Which requests with an `Idempotency-Key` were done, and what was answered."""

    def claim(
        self, project_id: ProjectId, key: str, *, fingerprint: str, now: datetime, until: datetime
    ) -> Claimed | InProgress | Answered:
        """Take the key for a request with this fingerprint; a lease that ended may be taken over.

        Raises:
            IdempotencyConflictError: the key belongs to a request with another fingerprint.
        """
        ...

    def complete(self, project_id: ProjectId, key: str, claimed: Claimed, answer: str, *, expires_at: datetime) -> None:
        """Keep the answer until `expires_at`, unless the key was taken over meanwhile."""
        ...

    def release(self, project_id: ProjectId, key: str, claimed: Claimed) -> None:
        """Give the key back after a refusal that changed nothing, unless it was taken over meanwhile."""
        ...
