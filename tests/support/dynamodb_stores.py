"""The DynamoDB backend, on moto in this process or on engines that run beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, NoReturn

import boto3
from botocore.config import Config
from support.builders import MODEL
from support.moto_cloud import REGION, MotoCloud, moto_cloud
from support.stores import Stores

from ricordo.adapters.dynamodb.archive import DynamoDBArchive
from ricordo.adapters.dynamodb.consolidations import DynamoDBConsolidations
from ricordo.adapters.dynamodb.event_store import DynamoDBEventStore
from ricordo.adapters.dynamodb.idempotency_store import DynamoDBIdempotencyStore
from ricordo.adapters.dynamodb.ingestion import DynamoDBIngestion
from ricordo.adapters.dynamodb.key_store import DynamoDBKeyStore
from ricordo.adapters.dynamodb.large_bodies import LargeBodies
from ricordo.adapters.dynamodb.memory_store import DynamoDBMemoryStore
from ricordo.adapters.dynamodb.owner_store import DynamoDBOwnerStore
from ricordo.adapters.dynamodb.project_store import DynamoDBProjectStore
from ricordo.adapters.dynamodb.projection_feed import DynamoDBProjectionFeed
from ricordo.adapters.dynamodb.schema import table_definition, time_to_live
from ricordo.adapters.dynamodb.table import Table
from ricordo.adapters.dynamodb.usage_meter import DynamoDBUsageMeter
from ricordo.adapters.dynamodb.work_relay import DynamoDBWorkRelay

BUCKET = "ricordo-bodies"
_numbers = count(1)


class Absent:
    """Stands for a port this backend does not have."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"this backend has no such port; {name} was asked of it")


@dataclass(frozen=True, slots=True)
class Cloud:
    """Clients of where the tables and the bucket are."""

    dynamodb: Any
    s3: Any


def client(service: str, endpoint_url: str | None = None) -> Any:
    """Make a client that needs nothing from the environment."""
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=endpoint_url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(account_id_endpoint_mode="disabled", s3={"addressing_style": "path"}),
    )


@contextmanager
def moto_stores() -> Iterator[Stores]:
    """Open the backend on an empty moto."""
    with moto_cloud() as cloud:
        name = new_name()
        create_table(cloud, name)
        cloud.dynamodb.update_time_to_live(**time_to_live(name))
        create_bucket(cloud)
        yield over_dynamodb(cloud, name)


@contextmanager
def engine_cloud() -> Iterator[Cloud]:
    """Start DynamoDB Local and a server for S3 with the bucket."""
    from engines import dynamodb_local, object_storage  # noqa: PLC0415  takes Java and other engines' clients

    with dynamodb_local() as tables, object_storage() as objects:
        cloud = Cloud(client("dynamodb", tables.url), client("s3", objects.url))
        create_bucket(cloud)
        yield cloud
        cloud.dynamodb.close()
        cloud.s3.close()


def new_name() -> str:
    """Name a table that is not there yet."""
    return f"ricordo-{next(_numbers)}"


@contextmanager
def engine_stores(cloud: Cloud) -> Iterator[Stores]:
    """Open the backend on a table of its own beside those of other tests; the bucket is there.

    Rows do not end by their `ttl`: the tests' clock stands in the past, and DynamoDB Local would take them
    away under a test.
    """
    name = new_name()
    create_table(cloud, name)
    try:
        yield over_dynamodb(cloud, name)
    finally:
        cloud.dynamodb.delete_table(TableName=name)


def create_table(cloud: Cloud | MotoCloud, name: str) -> None:
    """Create the table as the deployment does."""
    cloud.dynamodb.create_table(**table_definition(name))
    cloud.dynamodb.get_waiter("table_exists").wait(TableName=name)


def create_bucket(cloud: Cloud | MotoCloud) -> None:
    """Create the bucket for what is too large for a row, unless a backend beside this one has."""
    if BUCKET in {bucket["Name"] for bucket in cloud.s3.list_buckets()["Buckets"]}:
        return
    cloud.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})


def over_dynamodb(cloud: Cloud | MotoCloud, table_name: str) -> Stores:
    """Wire the backend over a table; index and graph are other engines' matter."""
    table = Table(cloud.dynamodb, table_name)
    bodies = LargeBodies(cloud.s3, BUCKET)
    absent: Any = Absent()
    return Stores(
        memories=DynamoDBMemoryStore(table, bodies, model_id=MODEL),
        feed=DynamoDBProjectionFeed(table, bodies, model_id=MODEL),
        archive=DynamoDBArchive(table, model_id=MODEL),
        index=absent,
        graph=absent,
        shown_by_index=absent,
        shown_by_graph=absent,
        consolidations=DynamoDBConsolidations(table),
        events=DynamoDBEventStore(table, bodies),
        ingestion=DynamoDBIngestion(table),
        relay=DynamoDBWorkRelay(table, bodies),
        owners=DynamoDBOwnerStore(table, cache_s=0),
        projects=DynamoDBProjectStore(table),
        keys=DynamoDBKeyStore(table),
        idempotency=DynamoDBIdempotencyStore(table),
        usage=DynamoDBUsageMeter(table),
    )
