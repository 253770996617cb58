"""The use cases with their ports filled in: a backend on a file, a clock that stands, no models."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from support.builders import ANA, PROJECT
from support.clocks import FrozenClock
from support.extractors import SentenceExtractor
from support.stores import Stores, sqlite_stores

from ricordo.adapters.builtin.hashing_embedder import HashingEmbedder
from ricordo.domain.episode import Message, Role
from ricordo.domain.errors import EmbedderUnavailableError
from ricordo.domain.event import Event
from ricordo.domain.filters import All
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import Scope
from ricordo.ports.extractor import Extractor
from ricordo.usecases.accept_add import AddRequest
from ricordo.usecases.add_memories import add_memories
from ricordo.usecases.work_on_event import Workbench, work_on_event


class SwitchedEmbedder:
    """A hashing embedder that can be switched off, or renamed as if it were another model."""

    def __init__(self) -> None:
        self.is_up = True
        self._embedder = HashingEmbedder(dimensions=16)
        self.model_id = self._embedder.model_id

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    def embed(self, texts: Sequence[str], *, project_id: ProjectId | None = None) -> NDArray[np.float32]:
        if not self.is_up:
            raise EmbedderUnavailableError("switched off")
        return self._embedder.embed(texts, project_id=project_id)


@dataclass(slots=True)
class House:
    """Everything a use case may be given."""

    stores: Stores
    clock: FrozenClock = field(default_factory=FrozenClock)
    embedder: SwitchedEmbedder = field(default_factory=SwitchedEmbedder)
    extractor: Extractor = field(default_factory=SentenceExtractor)

    @property
    def workbench(self) -> Workbench:
        """What work on events needs."""
        return Workbench(self.extractor, self.embedder, self.stores.memories)

    def with_stores(self, **stores: Any) -> "House":
        """Return this house with some of its stores exchanged."""
        return replace(self, stores=replace(self.stores, **stores))

    def add(
        self,
        *contents: str,
        event_id: str,
        scope: Scope = ANA,
        project_id: ProjectId = PROJECT,
        **options: object,
    ) -> Event:
        """Add what a user said; synchronous up to three verbatim messages."""
        return add_memories(
            AddRequest(scope, tuple(Message(Role.USER, content) for content in contents), options=options),
            project_id=project_id,
            event_id=EventId(event_id),
            events=self.stores.events,
            owners=self.stores.owners,
            ingestion=self.stores.ingestion,
            workbench=self.workbench,
            clock=self.clock,
            synchronous_messages=3,
        )

    def work(self, event_id: str | None = None) -> Event | None:
        """Work on the named event of the project, or on one that is due."""
        named = None if event_id is None else (PROJECT, EventId(event_id))
        return work_on_event(self.workbench, events=self.stores.events, clock=self.clock, named=named)

    def event(self, event_id: str) -> Event:
        """Read an event."""
        return self.stores.events.get(PROJECT, EventId(event_id))

    def memories(self, project_id: ProjectId = PROJECT) -> list[Memory]:
        """Return all live memories, oldest first."""
        return list(self.stores.memories.list(project_id, All(), PageRequest(1, 1000)).items)[::-1]

    def texts(self, project_id: ProjectId = PROJECT) -> list[str]:
        """Return their texts."""
        return [memory.text for memory in self.memories(project_id)]


@contextmanager
def open_house(path: Path) -> Iterator[House]:
    """Furnish a house on a file of its own."""
    with sqlite_stores(path) as stores:
        yield House(stores)
