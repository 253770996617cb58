"""The embedded profile: one file on one machine."""

from ricordo.adapters.builtin.announcements import KeptAnnouncements
from ricordo.adapters.builtin.clock import SystemClock
from ricordo.adapters.builtin.dead_letters import KeptDeadLetters
from ricordo.adapters.builtin.import_files import FolderImportFiles
from ricordo.adapters.sqlite.archive import SqliteArchive
from ricordo.adapters.sqlite.consolidations import SqliteConsolidations
from ricordo.adapters.sqlite.database import Database, migrate
from ricordo.adapters.sqlite.event_store import SqliteEventStore
from ricordo.adapters.sqlite.graph_store import SqliteGraphStore
from ricordo.adapters.sqlite.idempotency_store import SqliteIdempotencyStore
from ricordo.adapters.sqlite.index_builder import SqliteIndexBuilder
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
from ricordo.runtime.buffered_meter import BufferedMeter
from ricordo.runtime.models import models_of, pace_of
from ricordo.runtime.query_vectors import QueryVectors
from ricordo.runtime.services import Services
from ricordo.runtime.settings import Settings
from ricordo.usecases.repair_drift import Projections
from ricordo.usecases.search_memories import Searching
from ricordo.usecases.work_on_event import Workbench

_MEGABYTE = 1024 * 1024


def open_database(settings: Settings) -> Database:
    """Open the embedded database, made or upgraded as needed."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database_path)
    migrate(database)
    return database


def wire_embedded(settings: Settings) -> Services:
    """Wire every port over one file.

    Raises:
        StoreFormatError: the database is not ours, or newer than this program.
    """
    database = open_database(settings)
    clock = SystemClock()
    usage = BufferedMeter(SqliteUsageMeter(database), clock=clock)
    models = models_of(settings, meter=usage, clock=clock)
    memories = SqliteMemoryStore(database)
    index = SqliteSearchIndex(database, cache_bytes=settings.vector_cache_mb * _MEGABYTE)
    owners = SqliteOwnerStore(database)
    feed = SqliteProjectionFeed(database)
    graph = SqliteGraphStore(database)
    visible_after_s = 0.0

    def close() -> None:
        usage.flush()
        database.close()

    return Services(
        settings=settings,
        clock=clock,
        memories=memories,
        events=SqliteEventStore(database),
        ingestion=SqliteIngestion(database),
        relay=SqliteWorkRelay(database),
        owners=owners,
        projects=SqliteProjectStore(database),
        keys=SqliteKeyStore(database),
        idempotency=SqliteIdempotencyStore(database),
        archive=SqliteArchive(database),
        feed=feed,
        index_builder=lambda: SqliteIndexBuilder(database),
        usage=usage,
        dead_letters=KeptDeadLetters(),
        announcements=KeptAnnouncements(),
        import_files=FolderImportFiles(settings.data_dir),
        searching=Searching(QueryVectors(models.asking), index, graph, memories, owners, feed),
        workbench=Workbench(models.extractor, models.adding, memories, pace_of(settings)),
        projections=Projections(
            memories,
            feed,
            index,
            SqliteIndexListing(database),
            graph,
            SqliteGraphListing(database),
            visible_after_s,
        ),
        consolidations=SqliteConsolidations(database),
        visible_after_s=visible_after_s,
        close=close,
    )
