"""The AWS profile: DynamoDB holds the truth, OpenSearch and, where a stage has one, Neptune project it."""

from contextlib import closing
from typing import TYPE_CHECKING, Final

from ricordo.adapters.builtin.announcements import KeptAnnouncements
from ricordo.adapters.builtin.clock import SystemClock
from ricordo.adapters.builtin.dead_letters import KeptDeadLetters
from ricordo.adapters.dynamodb.archive import DynamoDBArchive
from ricordo.adapters.dynamodb.consolidations import DynamoDBConsolidations
from ricordo.adapters.dynamodb.event_store import DynamoDBEventStore
from ricordo.adapters.dynamodb.idempotency_store import DynamoDBIdempotencyStore
from ricordo.adapters.dynamodb.key_store import DynamoDBKeyStore
from ricordo.adapters.dynamodb.large_bodies import LargeBodies
from ricordo.adapters.dynamodb.memory_store import DynamoDBMemoryStore
from ricordo.adapters.dynamodb.owner_store import DynamoDBOwnerStore
from ricordo.adapters.dynamodb.project_store import DynamoDBProjectStore
from ricordo.adapters.dynamodb.projection_feed import DynamoDBProjectionFeed
from ricordo.adapters.dynamodb.table import Table
from ricordo.adapters.dynamodb.usage_meter import DynamoDBUsageMeter
from ricordo.adapters.dynamodb.work_relay import DynamoDBWorkRelay
from ricordo.adapters.eventbridge.announcements import EventBridgeAnnouncements
from ricordo.adapters.opensearch.target import TARGETS
from ricordo.adapters.s3.import_files import S3ImportFiles
from ricordo.adapters.sqs.dead_letters import SqsDeadLetters
from ricordo.domain.errors import InvalidRequestError
from ricordo.ports.announcements import Announcements
from ricordo.ports.dead_letters import DeadLetters
from ricordo.ports.embedder import Embedder
from ricordo.runtime.aws_clients import client, region
from ricordo.runtime.buffered_meter import BufferedMeter
from ricordo.runtime.first_use import HeldOpen, at_first_use
from ricordo.runtime.models import models_of, pace_of
from ricordo.runtime.query_vectors import QueryVectors
from ricordo.runtime.services import Services
from ricordo.runtime.settings import Settings
from ricordo.runtime.side_by_side import SideBySide
from ricordo.runtime.workflows import ingestion_of
from ricordo.usecases.repair_drift import Projections
from ricordo.usecases.search_memories import Searching
from ricordo.usecases.work_on_event import Workbench

if TYPE_CHECKING:
    from ricordo.adapters.neptune.graph_store import NeptuneGraphStore
    from ricordo.adapters.neptune.projection_listing import NeptuneListing
    from ricordo.runtime.aws_search import SearchEngine

_WAITS_OF_A_SEARCH: Final = 2  # besides the one that the asking thread waits for itself


def wire_aws(settings: Settings) -> Services:
    """Wire every port over the services that the settings and the environment name.

    Nothing is asked of them yet: one that is down degrades what needs it, and no more. Clients are made, and the larger
    packages imported, by whoever uses them first.

    Raises:
        InvalidRequestError: a setting is missing.
    """
    if not settings.opensearch_url:
        raise InvalidRequestError("RICORDO_OPENSEARCH_URL is needed for the aws profile; set it.")
    region()
    clock, held, together = SystemClock(), HeldOpen(), SideBySide(_WAITS_OF_A_SEARCH)
    table = Table(held.at_first_use(lambda: client("dynamodb")), settings.table)
    s3 = held.at_first_use(lambda: client("s3"))
    bodies = LargeBodies(s3, settings.bucket)
    usage = BufferedMeter(DynamoDBUsageMeter(table), clock=clock)
    models = models_of(settings, meter=usage, clock=clock)
    memories = at_first_use(lambda: DynamoDBMemoryStore(table, bodies, model_id=models.adding.model_id))
    owners = DynamoDBOwnerStore(table)
    feed = at_first_use(lambda: DynamoDBProjectionFeed(table, bodies, model_id=models.adding.model_id))
    engine = held.at_first_use(lambda: _search_engine(settings, models.adding))
    index = at_first_use(lambda: engine.index())  # noqa: PLW0108  to name the method makes the engine
    graph = held.at_first_use(lambda: _graph(settings)) if settings.graph_url else None
    visible_after_s = TARGETS[settings.opensearch_target].visible_after_s

    def close() -> None:
        usage.flush()
        together.close()
        held.close()

    return Services(
        settings=settings,
        clock=clock,
        memories=memories,
        events=DynamoDBEventStore(table, bodies),
        ingestion=ingestion_of(settings, table=table, client=at_first_use(lambda: client("stepfunctions"))),
        relay=DynamoDBWorkRelay(table, bodies),
        owners=owners,
        projects=DynamoDBProjectStore(table),
        keys=DynamoDBKeyStore(table),
        idempotency=DynamoDBIdempotencyStore(table),
        archive=at_first_use(lambda: DynamoDBArchive(table, model_id=models.adding.model_id)),
        feed=feed,
        index_builder=lambda: engine.builder(),  # noqa: PLW0108  to name the method makes the engine
        usage=usage,
        dead_letters=_dead_letters(settings),
        announcements=_announcements(settings),
        import_files=S3ImportFiles(s3, settings.bucket),
        searching=Searching(
            QueryVectors(models.asking),
            index,
            graph,
            memories,
            owners,
            feed,
            together,
        ),
        workbench=Workbench(models.extractor, models.adding, memories, pace_of(settings)),
        projections=Projections(
            memories,
            feed,
            index,
            at_first_use(lambda: engine.listing()),  # noqa: PLW0108  to name the method makes the engine
            graph,
            None if graph is None else at_first_use(lambda: _graph_listing(graph)),
            visible_after_s,
        ),
        consolidations=DynamoDBConsolidations(table),
        visible_after_s=visible_after_s,
        close=close,
    )


def ensure_index(settings: Settings, embedder: Embedder) -> None:
    """Let an index of the embedder's model serve, if none does.

    Raises:
        StoreFormatError: the one that serves is of another version or dimension.
        UnavailableError: the engine cannot be reached.
    """
    with closing(_search_engine(settings, embedder)) as engine:
        engine.builder().ensure()


def _search_engine(settings: Settings, embedder: Embedder) -> "SearchEngine":
    from ricordo.runtime.aws_search import SearchEngine  # noqa: PLC0415  heavy, and most functions search nothing

    return SearchEngine(settings, embedder)


def _graph(settings: Settings) -> "NeptuneGraphStore":
    from ricordo.adapters.neptune.graph_store import open_graph_store  # noqa: PLC0415  heavy, and often not there

    return open_graph_store(settings.graph_url, region=region() if settings.graph_url.startswith("wss://") else None)


def _graph_listing(graph: "NeptuneGraphStore") -> "NeptuneListing":
    from ricordo.adapters.neptune.projection_listing import NeptuneListing  # noqa: PLC0415  heavy, and often not there

    return NeptuneListing(graph.client)


def _dead_letters(settings: Settings) -> DeadLetters:
    if not settings.dead_letter_queue:
        return KeptDeadLetters()
    return SqsDeadLetters(at_first_use(lambda: client("sqs")), settings.dead_letter_queue)


def _announcements(settings: Settings) -> Announcements:
    if not settings.event_bus:
        return KeptAnnouncements()
    return EventBridgeAnnouncements(at_first_use(lambda: client("events")), settings.event_bus)
