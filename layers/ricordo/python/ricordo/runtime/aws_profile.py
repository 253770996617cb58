"""The AWS profile: DynamoDB holds the truth, OpenSearch and, where a stage has one, Neptune project it."""

from contextlib import closing
from typing import TYPE_CHECKING, Final

from ricordo.adapters.builtin.clock import SystemClock
from ricordo.adapters.builtin.dead_letters import KeptDeadLetters
from ricordo.adapters.dynamodb.archive import DynamoDBArchive
from ricordo.adapters.dynamodb.event_store import DynamoDBEventStore
from ricordo.adapters.dynamodb.idempotency_store import DynamoDBIdempotencyStore
from ricordo.adapters.dynamodb.ingestion import DynamoDBIngestion
from ricordo.adapters.dynamodb.key_store import DynamoDBKeyStore
from ricordo.adapters.dynamodb.large_bodies import LargeBodies
from ricordo.adapters.dynamodb.memory_store import DynamoDBMemoryStore
from ricordo.adapters.dynamodb.owner_store import DynamoDBOwnerStore
from ricordo.adapters.dynamodb.project_store import DynamoDBProjectStore
from ricordo.adapters.dynamodb.projection_feed import DynamoDBProjectionFeed
from ricordo.adapters.dynamodb.table import Table
from ricordo.adapters.dynamodb.usage_meter import DynamoDBUsageMeter
from ricordo.adapters.opensearch.client import open_client
from ricordo.adapters.opensearch.index_builder import OpenSearchIndexBuilder
from ricordo.adapters.opensearch.indices import Indices
from ricordo.adapters.opensearch.search_index import OpenSearchSearchIndex
from ricordo.adapters.opensearch.target import DOMAIN, SERVERLESS, Target
from ricordo.adapters.sqs.dead_letters import SqsDeadLetters
from ricordo.domain.errors import InvalidRequestError
from ricordo.ports.dead_letters import DeadLetters
from ricordo.ports.embedder import Embedder
from ricordo.runtime.aws_clients import client, region
from ricordo.runtime.buffered_meter import BufferedMeter
from ricordo.runtime.models import embedders_of, extractor_of, pace_of
from ricordo.runtime.query_vectors import QueryVectors
from ricordo.runtime.services import Services
from ricordo.runtime.settings import Settings
from ricordo.runtime.side_by_side import SideBySide
from ricordo.usecases.search_memories import Searching
from ricordo.usecases.work_on_event import Workbench

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

    from ricordo.adapters.neptune.graph_store import NeptuneGraphStore

_TARGETS: Final = {"domain": (DOMAIN, "es"), "serverless": (SERVERLESS, "aoss")}
_WAITS_OF_A_SEARCH: Final = 2  # besides the one that the asking thread waits for itself


def wire_aws(settings: Settings) -> Services:
    """Wire every port over the services that the settings and the environment name.

    Nothing is asked of them yet: one that is down degrades what needs it, and no more.

    Raises:
        InvalidRequestError: a setting is missing.
    """
    clock = SystemClock()
    dynamodb, s3 = client("dynamodb"), client("s3")
    table = Table(dynamodb, settings.table)
    usage = BufferedMeter(DynamoDBUsageMeter(table), clock=clock)
    embedder, asking = embedders_of(settings, meter=usage, clock=clock)
    bodies = LargeBodies(s3, settings.bucket)
    memories = DynamoDBMemoryStore(table, bodies, model_id=embedder.model_id)
    owners = DynamoDBOwnerStore(table)
    feed = DynamoDBProjectionFeed(table, bodies, model_id=embedder.model_id)
    target, engine = _search_engine(settings)
    graph = _graph(settings)
    together = SideBySide(_WAITS_OF_A_SEARCH)

    def close() -> None:
        usage.flush()
        together.close()
        engine.close()
        for opened in (dynamodb, s3):
            opened.close()
        if graph is not None:
            graph.close()

    return Services(
        settings=settings,
        clock=clock,
        memories=memories,
        events=DynamoDBEventStore(table, bodies),
        ingestion=DynamoDBIngestion(table),
        owners=owners,
        projects=DynamoDBProjectStore(table),
        keys=DynamoDBKeyStore(table),
        idempotency=DynamoDBIdempotencyStore(table),
        archive=DynamoDBArchive(table, model_id=embedder.model_id),
        feed=feed,
        index_builder=lambda: OpenSearchIndexBuilder(
            engine, target, embedder.model_id, Indices(engine, target, embedder.model_id, embedder.dimensions)
        ),
        usage=usage,
        dead_letters=_dead_letters(settings),
        searching=Searching(
            QueryVectors(asking),
            OpenSearchSearchIndex(engine, target, embedder.model_id),
            graph,
            memories,
            owners,
            feed,
            together,
        ),
        workbench=Workbench(extractor_of(settings, meter=usage, clock=clock), embedder, memories, pace_of(settings)),
        visible_after_s=target.visible_after_s,
        close=close,
    )


def ensure_index(settings: Settings, embedder: Embedder) -> None:
    """Let an index of the embedder's model serve, if none does.

    Raises:
        StoreFormatError: the one that serves is of another version or dimension.
        UnavailableError: the engine cannot be reached.
    """
    target, engine = _search_engine(settings)
    with closing(engine):
        Indices(engine, target, embedder.model_id, embedder.dimensions).ensure()


def _search_engine(settings: Settings) -> "tuple[Target, OpenSearch]":
    if not settings.opensearch_url:
        raise InvalidRequestError("RICORDO_OPENSEARCH_URL is needed for the aws profile; set it.")
    target, service = _TARGETS[settings.opensearch_target]
    signing = (region(), service) if settings.opensearch_url.startswith("https://") else None
    return target, open_client(settings.opensearch_url, signing=signing)


def _graph(settings: Settings) -> "NeptuneGraphStore | None":
    """Open the graph where the stage has one; only then is Gremlin imported."""
    if not settings.graph_url:
        return None
    from ricordo.adapters.neptune.graph_store import open_graph_store  # noqa: PLC0415  heavy, and often not there

    return open_graph_store(settings.graph_url, region=region() if settings.graph_url.startswith("wss://") else None)


def _dead_letters(settings: Settings) -> DeadLetters:
    if not settings.dead_letter_queue:
        return KeptDeadLetters()
    return SqsDeadLetters(client("sqs"), settings.dead_letter_queue)
