"""What S3 and EventBridge answer is one of our errors, or a fault of the program that passes as it is."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

import botocore.session
import pytest
from botocore import exceptions as vendor
from botocore.exceptions import BotoCoreError, ClientError

from ricordo.adapters.eventbridge import errors as eventbridge
from ricordo.adapters.s3 import errors as s3
from ricordo.domain.errors import StoreBusyError, UnavailableError

OPERATIONS: list[tuple[ModuleType, str, list[str], set[str]]] = [
    (
        s3,
        "s3",
        ["HeadObject", "GetObject", "PutObject"],
        {"EncryptionTypeMismatch", "InvalidObjectState", "InvalidRequest", "InvalidWriteOffset", "TooManyParts"},
    ),
    (eventbridge, "events", ["PutEvents"], set()),
]
Translated = Callable[[], AbstractContextManager[None]]
TRANSLATED: dict[ModuleType, Translated] = {s3: lambda: s3.translated("key"), eventbridge: eventbridge.translated}
CODES = [(module, code) for module in TRANSLATED for code in sorted(module.CODES)]
UNCONNECTED = [
    vendor.ConnectTimeoutError(endpoint_url="http://localhost"),
    vendor.EndpointConnectionError(endpoint_url="http://localhost"),
    vendor.NoCredentialsError(),
    vendor.ReadTimeoutError(endpoint_url="http://localhost"),
]


def answer(code: str, status: int = 400) -> ClientError:
    """Build an error as a client raises it."""
    response: Any = {"Error": {"Code": code, "Message": "whatever"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "Operation")


@pytest.mark.parametrize(("module", "service", "operations", "faults"), OPERATIONS, ids=["s3", "eventbridge"])
def test_every_declared_error_is_decided_about(
    module: ModuleType, service: str, operations: list[str], faults: set[str]
) -> None:
    """Each is one of our errors, or a known fault of the program."""
    model = botocore.session.get_session().get_service_model(service)
    declared = {shape.name for operation in operations for shape in model.operation_model(operation).error_shapes}

    assert declared - set(module.CODES) == faults


@pytest.mark.parametrize(("module", "code"), CODES)
def test_an_answer_is_raised_as_ours(module: ModuleType, code: str) -> None:
    """As the table says, with the vendor's as its cause."""
    with pytest.raises(module.CODES[code]) as raised, TRANSLATED[module]():
        raise answer(code)

    assert raised.type is module.CODES[code]
    assert isinstance(raised.value.__cause__, ClientError)


@pytest.mark.parametrize("module", TRANSLATED)
@pytest.mark.parametrize("error", UNCONNECTED, ids=lambda error: type(error).__name__)
def test_what_cannot_be_reached_is_down(module: ModuleType, error: BotoCoreError) -> None:
    """The same may succeed later."""
    with pytest.raises(UnavailableError), TRANSLATED[module]():
        raise error


@pytest.mark.parametrize(("module", "ours"), [(s3, StoreBusyError), (eventbridge, UnavailableError)])
def test_a_server_s_own_fault_passes(module: ModuleType, ours: type[Exception]) -> None:
    """Whatever its code; a fault of ours stays what it is."""
    with pytest.raises(ours), TRANSLATED[module]():
        raise answer("NeverHeardOf", 503)
    with pytest.raises(ClientError), TRANSLATED[module]():
        raise answer("NeverHeardOf")
