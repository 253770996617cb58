"""The secret of API keys in Secrets Manager, on moto."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from support.moto_cloud import MotoCloud, moto_cloud

from ricordo.domain.errors import UnavailableError
from ricordo.runtime.key_secret import peppers_of
from ricordo.runtime.rotated_secret import RotatedSecret
from ricordo.runtime.settings import Settings


@pytest.fixture
def cloud() -> Iterator[MotoCloud]:
    """An empty account."""
    with moto_cloud() as cloud:
        yield cloud


@dataclass
class Kept:
    """A secret, what reads it, and the time that passes meanwhile."""

    client: Any
    arn: str
    now_s: float = 0.0

    def __post_init__(self) -> None:
        self.secret = RotatedSecret(self, self.arn, now_s=lambda: self.now_s)
        self.fault: Exception | None = None
        self.requests = 0

    def get_secret_value(self, **request: str) -> Any:
        """Ask moto, unless the service is down."""
        self.requests += 1
        if self.fault:
            raise self.fault
        return self.client.get_secret_value(**request)

    def rotate(self, value: str) -> None:
        """Give it a new value."""
        self.client.put_secret_value(SecretId=self.arn, SecretString=value)


@pytest.fixture
def kept(cloud: MotoCloud) -> Kept:
    """A secret that never changed."""
    client = cloud.client("secretsmanager")
    return Kept(client, client.create_secret(Name=f"keys-{uuid4()}", SecretString="first\n")["ARN"])


def test_a_secret_that_never_changed_has_one_value(kept: Kept) -> None:
    """There is no previous one then; what surrounds the value is not of it."""
    assert kept.secret.values() == (b"first",)


def test_after_a_rotation_both_are_in_force(kept: Kept) -> None:
    """The new one hashes new keys; keys hashed with the one before still work."""
    kept.rotate("second")

    assert kept.secret.values() == (b"second", b"first")


def test_a_value_is_read_again_after_five_minutes(kept: Kept) -> None:
    """In between, no request waits for Secrets Manager."""
    kept.secret.values()
    kept.rotate("second")
    kept.now_s = 299.0
    assert kept.secret.values() == (b"first",)
    assert kept.requests == 2

    kept.now_s = 300.0

    assert kept.secret.values() == (b"second", b"first")


DOWN = ClientError({"Error": {"Code": "InternalServiceError"}}, "GetSecretValue")
UNREACHABLE = EndpointConnectionError(endpoint_url="https://secretsmanager")


@pytest.mark.parametrize("fault", [DOWN, UNREACHABLE])
def test_an_outage_is_told_only_to_who_knows_no_value(kept: Kept, fault: Exception) -> None:
    """A process that has read it goes on with what it knows."""
    kept.fault = fault
    with pytest.raises(UnavailableError):
        kept.secret.values()
    kept.fault = None
    kept.secret.values()

    kept.fault, kept.now_s = fault, 301.0

    assert kept.secret.values() == (b"first",)


def test_a_secret_that_is_not_there_is_an_error(kept: Kept) -> None:
    """No other secret takes its place."""
    kept.client.delete_secret(SecretId=kept.arn, ForceDeleteWithoutRecovery=True)

    with pytest.raises(UnavailableError, match="does not exist"):
        kept.secret.values()


def test_the_settings_name_where_it_is(kept: Kept) -> None:
    """A secret given outright wins; else Secrets Manager is asked, once a process."""
    assert peppers_of(Settings(key_secret_arn=kept.arn)) == (b"first",)
    kept.rotate("second")
    assert peppers_of(Settings(key_secret_arn=kept.arn)) == (b"first",)

    assert peppers_of(Settings(key_secret_arn=kept.arn, key_secret="mine")) == [b"mine"]
