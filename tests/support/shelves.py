"""Archives with the stores over the same state."""

from dataclasses import dataclass
from datetime import timedelta

from support.builders import PROJECT
from support.clocks import START
from support.stores import Stores

from ricordo.domain.filters import All, Expression
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Memory, MemoryPatch, bury, revise
from ricordo.ports.archive import Archive, ArchivedMemory
from ricordo.ports.memory_store import Stored

EVERYTHING = All()
LATER = START + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shelf:
    """An archive and the stores over the same state."""

    stores: Stores

    @property
    def archive(self) -> Archive:
        """The archive."""
        return self.stores.archive

    def dumped(
        self, where: Expression = EVERYTHING, *, includes_deleted: bool = False, project: ProjectId = PROJECT
    ) -> list[ArchivedMemory]:
        """Dump into a list."""
        return list(self.archive.dump(project, where, includes_deleted=includes_deleted))

    def insert(self, *memories: Memory) -> list[Memory]:
        """Store memories and return them as stored."""
        outcomes = self.stores.memories.insert(memories)
        return [outcome.memory for outcome in outcomes if isinstance(outcome, Stored)]

    def update(self, memory: Memory, text: str) -> Memory:
        """Write the next version of a memory."""
        revised = revise(memory, MemoryPatch(text=text), now=memory.updated_at + timedelta(minutes=1))
        self.stores.memories.replace(revised, expected_version=memory.version)
        return revised

    def delete(self, memory: Memory) -> None:
        """Leave a tombstone."""
        self.stores.memories.replace(bury(memory, now=LATER), expected_version=memory.version)
