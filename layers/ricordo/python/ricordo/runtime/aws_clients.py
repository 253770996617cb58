"""Clients of the AWS services, as this process's environment names region, credentials and endpoints.

Endpoints are overridden by the SDK's own variables, e.g. AWS_ENDPOINT_URL_DYNAMODB
(docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config

from ricordo.domain.errors import InvalidRequestError

# All attempts together, with pauses of up to 1, 2 and 4 s between them, end before API Gateway gives up after 29 s: a
# service that hangs is then told as one that is down.
_CONFIG = Config(
    connect_timeout=2,
    read_timeout=4,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=32,
)


_MAKING = Lock()


@contextmanager
def session() -> Iterator[boto3.session.Session]:
    """Lend this process's session to one thread at a time; whoever makes clients of it is to return it at once.

    Making them on several threads is not safe, and another session would read botocore's files once more
    (docs.aws.amazon.com/boto3/latest/guide/session.html).
    """
    with _MAKING:
        if boto3.DEFAULT_SESSION is None:
            boto3.setup_default_session()
        yield boto3.DEFAULT_SESSION


def client(service: str, **options: Any) -> Any:
    """Make the client of a service; `options` are `botocore.config.Config`'s, over ours.

    Raises:
        InvalidRequestError: nothing names a region.
    """
    with session() as ours:
        return ours.client(service, region_name=region(), config=_CONFIG.merge(Config(**options)))


def region() -> str:
    """Return the region of this process.

    Raises:
        InvalidRequestError: nothing names one.
    """
    found = os.environ.get("AWS_REGION") or boto3.Session().region_name  # boto3 knows AWS_DEFAULT_REGION only
    if not found:
        raise InvalidRequestError("No AWS region is set; set AWS_REGION.")
    return str(found)


def stream_of(table: str) -> str:
    """Return the name of a table's stream.

    Raises:
        InvalidRequestError: there is no such table, or it has none.
    """
    dynamodb = client("dynamodb")
    try:
        described = dynamodb.describe_table(TableName=table)["Table"]
    except dynamodb.exceptions.ResourceNotFoundException as error:
        raise InvalidRequestError(f"There is no table {table}; make it with `ricordo provision`.") from error
    if "LatestStreamArn" not in described:
        raise InvalidRequestError(f"The table {table} has no stream; enable one with new and old images.")
    return str(described["LatestStreamArn"])
