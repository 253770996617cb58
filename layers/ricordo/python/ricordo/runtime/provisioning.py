"""What the AWS profile needs before it can start, where no deployment has made it: on local engines, or in a test."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from botocore.exceptions import ClientError

from ricordo.adapters.dynamodb.schema import table_definition, time_to_live
from ricordo.ports.embedder import Embedder
from ricordo.runtime.aws_clients import client
from ricordo.runtime.aws_profile import ensure_index
from ricordo.runtime.settings import Settings


def provision(settings: Settings, embedder: Embedder) -> Iterator[str]:
    """Make what is missing of table, bucket and index; tell of each what was done."""
    with closing(client("dynamodb")) as dynamodb, closing(client("s3")) as s3:
        yield f"table {settings.table}: {_ensure_table(dynamodb, settings.table)}"
        yield f"bucket {settings.bucket}: {_ensure_bucket(s3, settings.bucket)}"
    ensure_index(settings, embedder)
    yield f"index for {embedder.model_id}: serves"


def _ensure_table(dynamodb: Any, name: str) -> str:
    try:
        dynamodb.create_table(**table_definition(name))
    except dynamodb.exceptions.ResourceInUseException:
        return "there"
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    dynamodb.update_time_to_live(**time_to_live(name))
    return "made"


def _ensure_bucket(s3: Any, name: str) -> str:
    region = s3.meta.region_name
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        s3.create_bucket(Bucket=name, **where)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
            raise
        return "there"
    return "made"
