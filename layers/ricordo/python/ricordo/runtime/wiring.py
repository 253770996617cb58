"""The composition root: which adapter stands behind which port."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ricordo.adapters.builtin.clock import SystemClock
from ricordo.adapters.builtin.embedder import MiniLMEmbedder
from ricordo.adapters.builtin.extractor import RuleExtractor
from ricordo.adapters.sqlite.archive import SqliteArchive
from ricordo.adapters.sqlite.database import Database, migrate
from ricordo.adapters.sqlite.event_store import SqliteEventStore
from ricordo.adapters.sqlite.graph_store import SqliteGraphStore
from ricordo.adapters.sqlite.idempotency_store import SqliteIdempotencyStore
from ricordo.adapters.sqlite.ingestion import SqliteIngestion
from ricordo.adapters.sqlite.key_store import SqliteKeyStore
from ricordo.adapters.sqlite.memory_store import SqliteMemoryStore
from ricordo.adapters.sqlite.owner_store import SqliteOwnerStore
from ricordo.adapters.sqlite.project_store import SqliteProjectStore
from ricordo.adapters.sqlite.search_index import SqliteSearchIndex
from ricordo.domain.errors import InvalidRequestError
from ricordo.ports.archive import Archive
from ricordo.ports.clock import Clock
from ricordo.ports.event_store import EventStore
from ricordo.ports.idempotency_store import IdempotencyStore
from ricordo.ports.ingestion import Ingestion
from ricordo.ports.key_store import KeyStore
from ricordo.ports.memory_store import MemoryStore
from ricordo.ports.owner_store import OwnerStore
from ricordo.ports.project_store import ProjectStore
from ricordo.runtime.query_vectors import QueryVectors
from ricordo.runtime.settings import Settings, read_settings
from ricordo.usecases.search_memories import Searching
from ricordo.usecases.work_on_event import Workbench

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Services:
    """Every port of one process, wired.

    Attributes:
        close: Lets go of what the ports hold open; none may be at work, each opens again what it needs.
    """

    settings: Settings
    clock: Clock
    memories: MemoryStore
    events: EventStore
    ingestion: Ingestion
    owners: OwnerStore
    projects: ProjectStore
    keys: KeyStore
    idempotency: IdempotencyStore
    archive: Archive
    searching: Searching
    workbench: Workbench
    close: Callable[[], None]


@cache
def services() -> Services:
    """Wire this process's ports as the environment says, once."""
    return wire(read_settings())


def wire(settings: Settings) -> Services:
    """Wire the ports of a profile.

    Raises:
        InvalidRequestError: there is no such profile.
        StoreFormatError: the database is not ours, or newer than this program.
    """
    if settings.profile != "embedded":
        raise InvalidRequestError(f"RICORDO_PROFILE={settings.profile!r} is unknown; use 'embedded'.")
    return _wire_embedded(settings)


def open_database(settings: Settings) -> Database:
    """Open the embedded database, made or upgraded as needed."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database_path)
    migrate(database)
    return database


def _wire_embedded(settings: Settings) -> Services:
    database = open_database(settings)
    embedder = MiniLMEmbedder(threads=settings.embedder_threads)
    memories = SqliteMemoryStore(database)
    index = SqliteSearchIndex(database, cache_bytes=settings.vector_cache_mb * MEGABYTE)
    return Services(
        settings=settings,
        clock=SystemClock(),
        memories=memories,
        events=SqliteEventStore(database),
        ingestion=SqliteIngestion(database),
        owners=SqliteOwnerStore(database),
        projects=SqliteProjectStore(database),
        keys=SqliteKeyStore(database),
        idempotency=SqliteIdempotencyStore(database),
        archive=SqliteArchive(database),
        searching=Searching(QueryVectors(embedder), index, SqliteGraphStore(database), memories),
        workbench=Workbench(RuleExtractor(), embedder, memories),
        close=database.close,
    )
