"""Every port of one backend, for tests that need several of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ricordo.adapters.sqlite.archive import SqliteArchive
from ricordo.adapters.sqlite.consolidations import SqliteConsolidations
from ricordo.adapters.sqlite.database import Database, migrate
from ricordo.adapters.sqlite.event_store import SqliteEventStore
from ricordo.adapters.sqlite.graph_store import SqliteGraphStore
from ricordo.adapters.sqlite.idempotency_store import SqliteIdempotencyStore
from ricordo.adapters.sqlite.ingestion import SqliteIngestion
from ricordo.adapters.sqlite.key_store import SqliteKeyStore
from ricordo.adapters.sqlite.memory_store import SqliteMemoryStore
from ricordo.adapters.sqlite.owner_store import SqliteOwnerStore
from ricordo.adapters.sqlite.project_store import SqliteProjectStore
from ricordo.adapters.sqlite.projection_feed import SqliteProjectionFeed
from ricordo.adapters.sqlite.projection_listing import SqliteGraphListing, SqliteIndexListing
from ricordo.adapters.sqlite.search_index import SqliteSearchIndex
from ricordo.adapters.sqlite.usage_meter import SqliteUsageMeter
from ricordo.adapters.sqlite.work_relay import SqliteWorkRelay
from ricordo.ports.archive import Archive
from ricordo.ports.consolidations import Consolidations
from ricordo.ports.event_store import EventStore
from ricordo.ports.graph_store import GraphStore
from ricordo.ports.idempotency_store import IdempotencyStore
from ricordo.ports.ingestion import Ingestion
from ricordo.ports.key_store import KeyStore
from ricordo.ports.memory_store import MemoryStore
from ricordo.ports.owner_store import OwnerStore
from ricordo.ports.project_store import ProjectStore
from ricordo.ports.projection_feed import ProjectionFeed
from ricordo.ports.projection_listing import ProjectionListing
from ricordo.ports.search_index import SearchIndex
from ricordo.ports.usage_meter import UsageMeter
from ricordo.ports.work_relay import WorkRelay


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores of one backend, all over the same state."""

    memories: MemoryStore
    feed: ProjectionFeed
    archive: Archive
    index: SearchIndex
    graph: GraphStore
    shown_by_index: ProjectionListing
    shown_by_graph: ProjectionListing
    consolidations: Consolidations
    events: EventStore
    ingestion: Ingestion
    relay: WorkRelay
    owners: OwnerStore
    projects: ProjectStore
    keys: KeyStore
    idempotency: IdempotencyStore
    usage: UsageMeter


@contextmanager
def sqlite_stores(path: Path) -> Iterator[Stores]:
    """Open the embedded backend on a file of its own."""
    database = Database(path)
    try:
        migrate(database)
        yield over_sqlite(database)
    finally:
        database.close()


def over_sqlite(database: Database) -> Stores:
    """Wire the embedded backend over an open database."""
    return Stores(
        memories=SqliteMemoryStore(database),
        feed=SqliteProjectionFeed(database),
        archive=SqliteArchive(database),
        index=SqliteSearchIndex(database),
        graph=SqliteGraphStore(database),
        shown_by_index=SqliteIndexListing(database),
        shown_by_graph=SqliteGraphListing(database),
        consolidations=SqliteConsolidations(database),
        events=SqliteEventStore(database),
        ingestion=SqliteIngestion(database),
        relay=SqliteWorkRelay(database),
        owners=SqliteOwnerStore(database),
        projects=SqliteProjectStore(database),
        keys=SqliteKeyStore(database),
        idempotency=SqliteIdempotencyStore(database),
        usage=SqliteUsageMeter(database),
    )
