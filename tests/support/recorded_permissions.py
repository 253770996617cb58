"""What each function asks of AWS, recorded while all of them run in this process.

Wiring, adapters and clients are those of the AWS profile; each invocation is a process of its own, so that nothing an
earlier one has read or opened hides a request. Index and graph are mirrors, whose methods stand for their requests.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest
from botocore.client import BaseClient
from support.bedrock import CannedBedrock
from support.dynamodb_stores import BUCKET
from support.mirrors import MirroredIndexBuilder
from support.moto_cloud import MotoCloud
from support.requested_actions import GRAPH_METHODS, INDEX_METHODS, Asked, asked_by
from support.whole_cloud import WholeCloud

from engines.cloud.deployment import PREFIX
from engines.cloud.functions import Handler
from ricordo.adapters.dynamodb import large_bodies
from ricordo.domain import model_calls
from ricordo.local.stream_pump import Delivery, StreamPump
from ricordo.runtime import aws_clients, aws_profile, key_secret, models, wiring
from ricordo.runtime.services import Services
from ricordo.runtime.settings import Settings, variable_of

EXTRACTION_MODEL: Final = "amazon.nova-lite-v1:0"
EMBEDDING_MODEL: Final = "amazon.titan-embed-text-v2:0"
_TOLD: Final = (
    "table",
    "bucket",
    "dead_letter_queue",
    "event_bus",
    "ingest_machine",
    "forget_machine",
    "key_secret_arn",
    "embedder_model",
    "extractor_model",
)


@dataclass(frozen=True, slots=True)
class _Invocation:
    function: str
    services: Services


_invocation: ContextVar[_Invocation | None] = ContextVar("invocation", default=None)


@dataclass(slots=True)
class Recorder:
    """All functions of a cloud, and what each asked for.

    Attributes:
        asked: By the functions' names in the table of permissions.
        bedrock: What the models answer.
    """

    cloud: WholeCloud
    settings: Settings
    bedrock: CannedBedrock
    pumps: list[StreamPump] = field(default_factory=list)
    asked: dict[str, set[Asked]] = field(default_factory=dict)

    def named(self, function: str, handler: Handler) -> Handler:
        """Return a handler whose requests are a function's; each call is the first in a process."""

        def call(event: Any, context: Any) -> Any:
            key_secret._in_secrets_manager.cache_clear()
            wired = self._wire()
            outside = _invocation.set(_Invocation(function, wired))
            try:
                return handler(event, context)
            finally:
                wired.close()
                _invocation.reset(outside)

        return call

    def project(self) -> None:
        """Hand what is new in the stream to its consumers."""
        for pump in self.pumps:
            pump.drain()

    def note(self, asked: tuple[Asked, ...]) -> None:
        """Note what the function that is running asks for; the tests themselves ask as nobody."""
        running = _invocation.get()
        if running is not None:
            self.asked.setdefault(running.function, set()).update(asked)

    def _wire(self) -> Services:
        house = self.cloud.house
        wired = aws_profile.wire_aws(self.settings)
        index: Any = _Noted(house.stores.index, INDEX_METHODS, self.note)
        graph: Any = _Noted(house.stores.graph, GRAPH_METHODS, self.note)
        listing: Any = _Noted(house.stores.shown_by_graph, GRAPH_METHODS, self.note)
        builder: Any = _Noted(MirroredIndexBuilder(house.index), INDEX_METHODS, self.note)
        return replace(
            wired,
            searching=replace(wired.searching, index=index, graph=graph),
            projections=replace(
                wired.projections, index=index, shown_by_index=index, graph=graph, shown_by_graph=listing
            ),
            index_builder=lambda: builder,
        )


class _Noted:
    """A port whose calls are noted as what its adapter asks for."""

    def __init__(
        self, port: object, methods: Mapping[str, tuple[Asked, ...]], note: Callable[[tuple[Asked, ...]], None]
    ) -> None:
        self._port = port
        self._methods = methods
        self._note = note

    def __getattr__(self, name: str) -> Any:
        self._note(self._methods[name])
        return getattr(self._port, name)


class _OfInvocation:
    """The ports of the invocation that asks: several may be under way, as in a map of a workflow."""

    def __getattr__(self, name: str) -> Any:
        running = _invocation.get()
        assert running is not None
        return getattr(running.services, name)


class _Threads(ThreadPoolExecutor):
    """Threads that know whose work they do."""

    def submit(self, call: Any, /, *args: Any, **options: Any) -> Any:
        return super().submit(copy_context().run, call, *args, **options)


@contextmanager
def recording(cloud: WholeCloud) -> Iterator[Recorder]:
    """Record what the functions of a cloud ask for, in which every text is too large for its row."""
    settings = _settings(cloud)
    told = {str(getattr(settings, name)): variable_of(name) for name in _TOLD}
    recorder = Recorder(cloud, settings, CannedBedrock())
    make_call = BaseClient._make_api_call

    def noted(client: BaseClient, operation: str, params: Mapping[str, Any]) -> Any:
        if _invocation.get() is not None:
            recorder.note(tuple(asked_by(client.meta.service_model.service_name, operation, params, told)))
        return make_call(client, operation, params)

    cloud.functions.handlers = {
        name: recorder.named(name.removeprefix(PREFIX).replace("-", ".", 1), handler)
        for name, handler in cloud.functions.handlers.items()
    }
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", noted)
        for module in (aws_clients, aws_profile):
            patched.setattr(module, "client", MotoCloud().client)
        patched.setattr(aws_profile, "SystemClock", lambda: cloud.house.clock)
        patched.setattr(models, "_bedrock", lambda: recorder.bedrock.client)
        patched.setattr(model_calls, "ThreadPoolExecutor", _Threads)
        patched.setattr(large_bodies, "INLINE_BYTES", 0)
        patched.setattr(wiring, "wire", lambda _settings: _OfInvocation())
        wiring.services.cache_clear()
        recorder.pumps += _pumps(cloud)
        yield recorder


def _pumps(cloud: WholeCloud) -> Iterator[StreamPump]:
    bench, streams, clock = cloud.house.bench, cloud.house.streams, cloud.house.clock
    arn = bench.cloud.dynamodb.describe_table(TableName=bench.table_name)["Table"]["LatestStreamArn"]
    for part in ("index", "graph"):
        consumer = cloud.functions.handlers[f"{PREFIX}project_changes-{part}"]
        yield StreamPump(streams, arn, consumer, delivery=Delivery(batch_size=500), clock=clock)


def _settings(cloud: WholeCloud) -> Settings:
    deployed, moto = cloud.deployment, MotoCloud()
    secret = moto.client("secretsmanager").create_secret(Name="key-secret", SecretString="made-up")
    return Settings(
        profile="aws",
        table=cloud.house.bench.table_name,
        bucket=BUCKET,
        opensearch_url="http://127.0.0.1:9200",
        embedder="bedrock",
        embedder_model=EMBEDDING_MODEL,
        embedder_dimensions=256,
        extractor="bedrock",
        extractor_model=EXTRACTION_MODEL,
        dead_letter_queue=deployed.dead_letter_queue,
        event_bus=deployed.environment["RICORDO_EVENT_BUS"],
        ingest_machine=deployed.machines["ingest"],
        forget_machine=deployed.machines["forget"],
        key_secret_arn=secret["ARN"],
    )
