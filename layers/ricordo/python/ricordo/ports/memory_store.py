from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ricordo.domain.event import Lease
from ricordo.domain.filters import Expression
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory, MemoryVersion
from ricordo.domain.paging import Page, PageRequest


@dataclass(frozen=True, slots=True)
class Stored:
    """The memory is in the store, now or since an earlier try of the same insert."""

    memory: Memory


@dataclass(frozen=True, slots=True)
class Refused:
    """The memory was not stored; `reason` is `duplicate` or `deleted_meanwhile`."""

    reason: str


InsertOutcome = Stored | Refused


class MemoryStore(Protocol):
    """The truth about memories. Every method speaks of one project and never sees another's rows.

    Reads return live memories only: neither tombstones nor what `hide` has hidden. What is expired or
    superseded is returned; callers say in their filter what they want to see.
    """

    def insert(self, memories: Sequence[Memory], *, lease: Lease | None = None) -> Sequence[InsertOutcome]:
        """Store each memory whose text is not yet held by a live memory of exactly its scope, in this order.

        A memory and its version, links and uniqueness row become visible together; two memories need not.
        Idempotent by memory id. A text held by an expired, superseded or deleted memory is free. `sequence` is
        given here.

        Raises:
            LeaseLostError: the lease was taken over; from there on nothing is stored.
            RequestTooLargeError: a memory is larger than a row of the store; nothing of it is stored.
        """
        ...

    def replace(self, memory: Memory, *, expected_version: int) -> None:
        """Write the next version of a memory; a DELETED one becomes a tombstone without text.

        Raises:
            MemoryNotFoundError: no live memory has this id.
            VersionConflictError: the live version is not `expected_version`.
        """
        ...

    def get(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Mapping[MemoryId, Memory]:
        """Return the live memories among `memory_ids`."""
        ...

    def list(self, project_id: ProjectId, where: Expression, page: PageRequest) -> Page[Memory]:
        """Return the memories that match, newest accepted first."""
        ...

    def versions(self, project_id: ProjectId, memory_id: MemoryId) -> Sequence[MemoryVersion]:
        """Return the history of a memory, oldest first, deleted ones included until they are purged.

        Raises:
            MemoryNotFoundError: nothing is known of this id.
        """
        ...

    def hide(self, project_id: ProjectId, where: Expression) -> int:
        """Hide at once what matches, with every add accepted so far but not yet stored; count the rows.

        `where` holds owners only (`OwnedBy`, `All`).
        """
        ...

    def remove_hidden(self, project_id: ProjectId, *, limit: int, now: datetime) -> int:
        """Turn up to `limit` hidden memories into tombstones with a DELETE version; count them."""
        ...

    def purge(self, project_id: ProjectId, *, older_than: datetime) -> int:
        """Remove for good the tombstones, versions and expired memories that ended before `older_than`."""
        ...
