from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ricordo.domain.filters import Expression
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory, MemoryVersion


@dataclass(frozen=True, slots=True)
class ArchivedMemory:
    """A memory as it stands, with its whole history, oldest version first."""

    memory: Memory
    versions: tuple[MemoryVersion, ...]


class Archive(Protocol):
    """Takes memories out with their histories, and puts them back with the same ids, versions and times."""

    def dump(
        self, project_id: ProjectId, where: Expression, *, includes_deleted: bool = False
    ) -> Iterator[ArchivedMemory]:
        """Yield what matches, oldest accepted first: expired and superseded too, tombstones if asked for.

        A memory and its history are of one commit; two memories need not be, for the dump is read in pages
        and may take as long as its reader does.
        """
        ...

    def known(self, project_id: ProjectId, memory_ids: Collection[MemoryId]) -> frozenset[MemoryId]:
        """Return those of `memory_ids` that are or were in the project, tombstones included."""
        ...

    def restore(self, archived: Sequence[ArchivedMemory]) -> Sequence[bool]:
        """Put memories back; False for one whose id is known, which stays as it is.

        A memory and its history become visible together; two memories need not. A memory is restored even if
        another one has its text by now: callers may have kept its id.

        Raises:
            RequestTooLargeError: a memory is larger than a row of the store; nothing of it is restored.
        """
        ...
