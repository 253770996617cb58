from collections.abc import Callable
from dataclasses import dataclass

from ricordo.ports.announcements import Announcements
from ricordo.ports.archive import Archive
from ricordo.ports.clock import Clock
from ricordo.ports.consolidations import Consolidations
from ricordo.ports.dead_letters import DeadLetters
from ricordo.ports.event_store import EventStore
from ricordo.ports.idempotency_store import IdempotencyStore
from ricordo.ports.import_files import ImportFiles
from ricordo.ports.index_builder import IndexBuilder
from ricordo.ports.ingestion import Ingestion
from ricordo.ports.key_store import KeyStore
from ricordo.ports.memory_store import MemoryStore
from ricordo.ports.owner_store import OwnerStore
from ricordo.ports.project_store import ProjectStore
from ricordo.ports.projection_feed import ProjectionFeed
from ricordo.ports.usage_meter import UsageMeter
from ricordo.ports.work_relay import WorkRelay
from ricordo.runtime.settings import Settings
from ricordo.usecases.repair_drift import Projections
from ricordo.usecases.search_memories import Searching
from ricordo.usecases.work_on_event import Workbench


@dataclass(frozen=True, slots=True)
class Services:
    """Every port of one process, wired.

    Attributes:
        visible_after_s: How long after a write to the index its searches may not show it.
        close: Lets go of what the ports hold open; none may be at work, each opens again what it needs.
    """

    settings: Settings
    clock: Clock
    memories: MemoryStore
    events: EventStore
    ingestion: Ingestion
    relay: WorkRelay
    owners: OwnerStore
    projects: ProjectStore
    keys: KeyStore
    idempotency: IdempotencyStore
    archive: Archive
    feed: ProjectionFeed
    index_builder: Callable[[], IndexBuilder]
    usage: UsageMeter
    dead_letters: DeadLetters
    announcements: Announcements
    import_files: ImportFiles
    searching: Searching
    workbench: Workbench
    projections: Projections
    consolidations: Consolidations
    visible_after_s: float
    close: Callable[[], None]
