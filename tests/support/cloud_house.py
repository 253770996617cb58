"""The AWS profile in this process: the truth in DynamoDB on moto, index and graph in files that its stream feeds."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from support.builders import MODEL, PROJECT, owned_by
from support.clocks import FrozenClock
from support.dynamodb_bench import Bench
from support.dynamodb_repairs import sweep_ttl
from support.dynamodb_stores import BUCKET, Cloud, create_bucket, create_table, new_name, over_dynamodb
from support.extractors import NamingExtractor
from support.faults import CountedCalls
from support.house import SwitchedEmbedder
from support.mirrors import MirroredIndex, MirroredIndexBuilder
from support.moto_cloud import moto_cloud
from support.moto_streams import MotoStreams
from support.stores import Stores

from functions.project_changes import handler as consumers
from ricordo.adapters.builtin.announcements import KeptAnnouncements
from ricordo.adapters.builtin.dead_letters import KeptDeadLetters
from ricordo.adapters.dynamodb.schema import time_to_live
from ricordo.adapters.s3.import_files import S3ImportFiles
from ricordo.adapters.sqlite.database import Database, migrate
from ricordo.adapters.sqlite.graph_store import SqliteGraphStore
from ricordo.adapters.sqlite.projection_listing import SqliteGraphListing
from ricordo.domain.filters import All, Expression
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Memory
from ricordo.domain.paging import PageRequest
from ricordo.local.stream_pump import Delivery, StreamPump
from ricordo.ports.extractor import Extractor
from ricordo.runtime.services import Services
from ricordo.runtime.settings import Settings
from ricordo.runtime.tasks import work_once
from ricordo.usecases.repair_drift import Projections
from ricordo.usecases.search_memories import SearchAnswer, Searching, SearchRequest, search_memories
from ricordo.usecases.work_on_event import LEASE_S, Workbench

EVERYTHING = PageRequest(1, 5000)
VISIBLE_AFTER_S = 1.0


@dataclass(slots=True)
class CloudHouse:
    """Everything a use case may be given, for one project of a table.

    Attributes:
        stores: Ports over the table; index and graph know only what the consumers of its stream tell them.
        pumps: Hand the stream to each consumer, from where it was left.
    """

    bench: Bench
    streams: Any
    index: MirroredIndex
    graph_database: Database
    stores: Stores
    pumps: Sequence[StreamPump]
    project_id: ProjectId = PROJECT
    clock: FrozenClock = field(default_factory=FrozenClock)
    embedder: SwitchedEmbedder = field(default_factory=SwitchedEmbedder)
    extractor: Extractor = field(default_factory=NamingExtractor)
    dead_letters: KeptDeadLetters = field(default_factory=KeptDeadLetters)
    announcements: KeptAnnouncements = field(default_factory=KeptAnnouncements)

    @property
    def workbench(self) -> Workbench:
        """What work on events needs."""
        return Workbench(self.extractor, self.embedder, self.stores.memories)

    @property
    def services(self) -> Services:
        """The house as a process of Lambda knows it."""
        stores = self.stores
        return Services(
            settings=Settings(profile="aws"),
            clock=self.clock,
            memories=stores.memories,
            events=stores.events,
            ingestion=stores.ingestion,
            relay=stores.relay,
            owners=stores.owners,
            projects=stores.projects,
            keys=stores.keys,
            idempotency=stores.idempotency,
            archive=stores.archive,
            feed=stores.feed,
            index_builder=lambda: MirroredIndexBuilder(self.index),
            usage=stores.usage,
            dead_letters=self.dead_letters,
            announcements=self.announcements,
            import_files=S3ImportFiles(self.bench.cloud.s3, BUCKET),
            searching=Searching(self.embedder, stores.index, stores.graph, stores.memories, stores.owners, stores.feed),
            workbench=self.workbench,
            projections=Projections(
                stores.memories,
                stores.feed,
                stores.index,
                stores.shown_by_index,
                stores.graph,
                stores.shown_by_graph,
                VISIBLE_AFTER_S,
            ),
            consolidations=stores.consolidations,
            visible_after_s=VISIBLE_AFTER_S,
            close=lambda: None,
        )

    def of(self, project_id: str) -> "CloudHouse":
        """Return the house for another project."""
        return replace(self, project_id=ProjectId(project_id))

    def with_stores(self, **stores: Any) -> "CloudHouse":
        """Return the house with some of its stores exchanged."""
        return replace(self, stores=replace(self.stores, **stores))

    def counting(self, calls: CountedCalls) -> "CloudHouse":
        """Return the house with every request to AWS and every call to index and graph counted."""
        stores = self.bench.counted(calls)
        return replace(
            self, stores=replace(stores, index=calls.of(self.stores.index), graph=calls.of(self.stores.graph))
        )

    def work(self) -> None:
        """Work on whatever is due, as a worker does."""
        while work_once(self.services):
            pass

    def project(self) -> None:
        """Hand what is new in the stream to the consumers, as Lambda does, until all of it is done."""
        self._pump(StreamPump.drain)

    def try_to_project(self) -> None:
        """Hand them one batch; what they cannot do now comes again."""
        self._pump(StreamPump.pump_once)

    def _pump(self, move: Callable[[StreamPump], int]) -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(consumers, "services", lambda: self.services)
            for pump in self.pumps:
                move(pump)

    def project_anew(self) -> None:
        """Hand all that the stream still holds to the consumers once more."""
        replace(self, pumps=_pumps(self.bench, self.streams, self.clock)).project()

    def go_on(self) -> None:
        """Let pass what time it takes until every lease has ended, and the system do what is left to do."""
        self.clock.advance(LEASE_S + 60)
        self.work()
        self.project()

    def remove_expired_rows(self) -> None:
        """Have the table remove the rows whose time to live has ended."""
        sweep_ttl(self.clock.now().timestamp())

    def memories(self) -> list[Memory]:
        """Return all live memories, oldest first."""
        return list(self.stores.memories.list(self.project_id, All(), EVERYTHING).items)[::-1]

    def texts(self) -> list[str]:
        """Return their texts."""
        return [memory.text for memory in self.memories()]

    def search(self, query: str, where: Expression | None = None, *, top_k: int = 10) -> SearchAnswer:
        """Search Ana's memories."""
        request = SearchRequest(query, where or owned_by(), top_k, 0.0, self.clock.now())
        return search_memories(request, project_id=self.project_id, searching=self.services.searching)

    def projection_faults(self) -> list[str]:
        """Say where index and graph differ from the truth."""
        live = self.memories()
        faults = []
        if self.index.held(self.project_id) != {memory.memory_id: memory.version for memory in live}:
            faults.append("the index")
        mentions = {(entity.key, memory.memory_id) for memory in live for entity in memory.entities}
        relations = {(one.source, one.target, memory.memory_id) for memory in live for one in memory.relations}
        if self._in_graph("entity_key, memory_id", "mentions") != mentions:
            faults.append("the graph's entities")
        if self._in_graph("source, target, memory_id", "relations") != relations:
            faults.append("the graph's relations")
        return faults

    def _in_graph(self, columns: str, table: str) -> set[tuple[str, ...]]:
        with self.graph_database.reading() as connection:
            rows = connection.execute(f"SELECT {columns} FROM {table} WHERE project_id = ?", (self.project_id,))
            return {tuple(row) for row in rows}


@contextmanager
def open_cloud_house(folder: Path) -> Iterator[CloudHouse]:
    """Furnish a house over an empty table, with empty projections."""
    with moto_cloud() as moto:
        cloud, name = Cloud(moto.dynamodb, moto.s3), new_name()
        create_bucket(cloud)
        create_table(cloud, name)
        cloud.dynamodb.update_time_to_live(**time_to_live(name))
        with furnished(Bench(cloud, name), MotoStreams(moto.streams), folder) as house:
            yield house


@contextmanager
def furnished(bench: Bench, streams: Any, folder: Path) -> Iterator[CloudHouse]:
    """Furnish a house over a table that is there; `streams` is the client for its stream."""
    graph = Database(folder / "graph.db")
    migrate(graph)
    graph.connection.execute("PRAGMA synchronous = OFF")  # nobody reads it after a power failure
    with closing(MirroredIndex(folder)) as index, closing(graph):
        stores = replace(
            over_dynamodb(bench.cloud, bench.table_name),
            index=index,
            graph=SqliteGraphStore(graph),
            shown_by_index=index,
            shown_by_graph=SqliteGraphListing(graph),
        )
        clock = FrozenClock()
        house = CloudHouse(bench, streams, index, graph, stores, _pumps(bench, streams, clock), clock=clock)
        house.embedder.model_id = MODEL
        yield house


def _pumps(bench: Bench, streams: Any, clock: FrozenClock) -> list[StreamPump]:
    """Connect the consumers to the table's stream, from its beginning; what they cannot do now comes again."""
    arn = bench.cloud.dynamodb.describe_table(TableName=bench.table_name)["Table"]["LatestStreamArn"]
    return [
        StreamPump(streams, arn, consumer, delivery=Delivery(batch_size=500, max_attempts=None), clock=clock)
        for consumer in (consumers.index_handler, consumers.graph_handler)
    ]
