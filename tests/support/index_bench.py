"""An index with what fills it: the truth it is part of, or an engine that the test writes to in its place."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from opensearchpy import OpenSearch
from support.builders import DIMENSIONS, MODEL
from support.mirrors import MirroredIndex, MirroredIndexBuilder
from support.stores import Stores, over_sqlite

from ricordo.adapters.opensearch.client import open_client
from ricordo.adapters.opensearch.index_builder import OpenSearchIndexBuilder
from ricordo.adapters.opensearch.indices import Indices
from ricordo.adapters.opensearch.projection_listing import OpenSearchListing
from ricordo.adapters.opensearch.search_index import OpenSearchSearchIndex
from ricordo.adapters.opensearch.target import Target
from ricordo.adapters.sqlite.database import Database, migrate
from ricordo.adapters.sqlite.index_builder import SqliteIndexBuilder
from ricordo.domain.memory import LifecycleState, Memory
from ricordo.ports.index_builder import IndexBuilder
from ricordo.ports.memory_store import Stored
from ricordo.ports.projection_listing import ProjectionListing
from ricordo.ports.search_index import SearchIndex

_prefixes = (f"test{number}" for number in count(1))


class IndexBench(Protocol):
    """What the suites of the index need of a backend."""

    @property
    def index(self) -> SearchIndex:
        """The index under test."""

    @property
    def listing(self) -> ProjectionListing:
        """What lists it."""

    @property
    def builder(self) -> IndexBuilder:
        """What builds it anew."""

    def store(self, *memories: Memory) -> list[Memory]:
        """Write new memories to the truth, which gives them their places, and to the index; let searches see them."""

    def change(self, memory: Memory) -> None:
        """Write the next version of a memory to both; let searches see it."""

    def settle(self) -> None:
        """Let searches see what was written."""


@dataclass(frozen=True, slots=True)
class SqliteBench:
    """The embedded index, which is a part of the truth."""

    stores: Stores
    builder: SqliteIndexBuilder

    @property
    def index(self) -> SearchIndex:
        return self.stores.index

    @property
    def listing(self) -> ProjectionListing:
        return self.stores.shown_by_index

    def store(self, *memories: Memory) -> list[Memory]:
        outcomes = self.stores.memories.insert(memories)
        stored = [outcome.memory for outcome in outcomes if isinstance(outcome, Stored)]
        self.index.upsert(stored)
        return stored

    def change(self, memory: Memory) -> None:
        self.stores.memories.replace(memory, expected_version=memory.version - 1)
        show(self.index, memory)

    def settle(self) -> None:
        """Do nothing: a search sees the last commit."""


class Places:
    """Gives memories their places in their threads, as the truth does."""

    def __init__(self) -> None:
        self._last: Counter[tuple[str, str]] = Counter()

    def placed(self, memory: Memory) -> Memory:
        """Return a memory with its place."""
        thread = (memory.project_id, memory.thread)
        self._last[thread] = max(self._last[thread] + 1, memory.sequence)
        return replace(memory, sequence=memory.sequence or self._last[thread])


@dataclass(frozen=True, slots=True)
class MirrorBench:
    """The stand-in for an engine in this process."""

    index: MirroredIndex
    builder: MirroredIndexBuilder
    _places: Places = field(default_factory=Places)

    @property
    def listing(self) -> ProjectionListing:
        return self.index

    def store(self, *memories: Memory) -> list[Memory]:
        stored = [self._places.placed(memory) for memory in memories]
        self.index.upsert(stored)
        return stored

    def change(self, memory: Memory) -> None:
        show(self.index, memory)

    def settle(self) -> None:
        """Do nothing: a search sees the last commit."""


@dataclass(slots=True)
class OpenSearchBench:
    """An index of its own on an engine, reached as `client` reaches it; `node` is the engine itself."""

    client: OpenSearch
    node: OpenSearch
    target: Target
    prefix: str = field(default_factory=lambda: next(_prefixes))
    model_id: str = MODEL
    dimensions: int = DIMENSIONS
    shards: int = 2
    _places: Places = field(default_factory=Places)

    @property
    def indices(self) -> Indices:
        """What creates the index."""
        return Indices(
            self.client, self.target, self.model_id, self.dimensions, prefix=self.prefix, shards=self.shards, replicas=0
        )

    @property
    def index(self) -> OpenSearchSearchIndex:
        return OpenSearchSearchIndex(self.client, self.target, self.model_id, prefix=self.prefix)

    @property
    def listing(self) -> OpenSearchListing:
        return OpenSearchListing(self.client, self.target, self.model_id, prefix=self.prefix)

    @property
    def builder(self) -> OpenSearchIndexBuilder:
        return OpenSearchIndexBuilder(
            self.client, self.target, self.model_id, self.indices, sleep=lambda _seconds: self.settle()
        )

    def store(self, *memories: Memory) -> list[Memory]:
        stored = [self._places.placed(memory) for memory in memories]
        self.index.upsert(stored)
        self.settle()
        return stored

    def change(self, memory: Memory) -> None:
        show(self.index, memory)
        self.settle()

    def settle(self) -> None:
        self.node.indices.refresh(index=f"{self.prefix}-*")


def show(index: SearchIndex, memory: Memory) -> None:
    """Bring the index up to one memory, as the consumer of changes does."""
    if memory.state is LifecycleState.DELETED:
        index.remove(memory.project_id, {memory.memory_id: memory.version})
    else:
        index.upsert([memory])


@contextmanager
def sqlite_bench(path: Path) -> Iterator[SqliteBench]:
    """Open the embedded index on a file of its own."""
    database = Database(path)
    try:
        migrate(database)
        yield SqliteBench(over_sqlite(database), SqliteIndexBuilder(database))
    finally:
        database.close()


@contextmanager
def mirror_bench(folder: Path) -> Iterator[MirrorBench]:
    """Open the stand-in for an engine in a folder of its own."""
    index = MirroredIndex(folder)
    try:
        yield MirrorBench(index, MirroredIndexBuilder(index))
    finally:
        index.close()


@contextmanager
def opensearch_bench(
    node_url: str, target: Target, *, through: str | None = None, **options: Any
) -> Iterator[OpenSearchBench]:
    """Create an empty index on a node; with `through`, requests take the way over that address."""
    client, node = open_client(through or node_url), open_client(node_url)
    bench = OpenSearchBench(client, node, target, **options)
    try:
        bench.indices.ensure()
        yield bench
    finally:
        node.indices.delete(index=f"{bench.prefix}-*")
        client.close()
        node.close()
