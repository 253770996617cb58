"""AWS in this process: moto, repaired and guarded, with clients that live as long as the process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.endpoint
import pytest
from moto import mock_aws
from support import aws_guard, dynamodb_repairs

REGION = "eu-west-1"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    # botocore would send streams to a host of the account, which moto does not answer for
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
}
FOREIGN = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_ENDPOINT_URL")


class MotoCloud:
    """The clients of an empty account; each is made once a process, which takes longer than most tests."""

    def client(self, service: str) -> Any:
        """Return the client of a service."""
        return _client(service)

    @property
    def dynamodb(self) -> Any:
        """Tables."""
        return _client("dynamodb")

    @property
    def streams(self) -> Any:
        """Streams of tables."""
        return _client("dynamodbstreams")

    @property
    def sqs(self) -> Any:
        """Queues."""
        return _client("sqs")

    @property
    def s3(self) -> Any:
        """Buckets."""
        return _client("s3")


@cache
def _client(service: str) -> Any:
    return _session().client(service)


@cache
def _session() -> boto3.session.Session:
    return boto3.session.Session(
        aws_access_key_id=ENVIRONMENT["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )


@contextmanager
def moto_cloud() -> Iterator[MotoCloud]:
    """Answer every AWS call of this process, on any thread, from an account that is empty at first.

    Clients retry as they do elsewhere, but do not wait before it.
    """
    dynamodb_repairs.install()
    aws_guard.install()
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith(FOREIGN)]:
            environment.delenv(name)
        for name, value in ENVIRONMENT.items():
            environment.setenv(name, value)
        environment.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _seconds: None))
        with mock_aws():
            yield MotoCloud()
