"""What DynamoDB's and S3's failures mean to us."""

from typing import Any

import botocore.session
import pytest
from botocore import exceptions as vendor
from botocore.exceptions import BotoCoreError, ClientError

from ricordo.adapters.dynamodb.errors import BUSY, CODES, EXCEPTIONS, translated
from ricordo.domain.errors import RicordoError, StoreBusyError, StoreFormatError, UnavailableError

OPERATIONS = {
    "dynamodb": {
        "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem",
        "TransactWriteItems",
    },
    "s3": {"GetObject", "PutObject", "DeleteObject"},
}  # fmt: skip
READ_BY_NAME = {"ConditionalCheckFailedException", "NoSuchKey", "TransactionCanceledException"}
# What only a fault of the program, or a change of the bucket by somebody else, can bring about: it passes as it is.
FAULTS = {
    "IdempotentParameterMismatchException",
    "EncryptionTypeMismatch", "InvalidObjectState", "InvalidRequest", "InvalidWriteOffset", "TooManyParts",
}  # fmt: skip
# docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html and API_TransactWriteItems.html
CANCELLATION_REASONS = {
    "ConditionalCheckFailed", "ItemCollectionSizeLimitExceeded", "None", "ProvisionedThroughputExceeded",
    "ThrottlingError", "TransactionConflict", "ValidationError",
}  # fmt: skip
FAULTY_REASONS = {"ItemCollectionSizeLimitExceeded", "ValidationError"}
UNCONNECTED = [
    vendor.ConnectTimeoutError(endpoint_url="http://localhost"),
    vendor.ConnectionClosedError(endpoint_url="http://localhost"),
    vendor.CredentialRetrievalError(provider="role", error_msg="no"),
    vendor.EndpointConnectionError(endpoint_url="http://localhost"),
    vendor.FlexibleChecksumError(error_msg="no"),
    vendor.IncompleteReadError(actual_bytes=1, expected_bytes=2),
    vendor.MetadataRetrievalError(error_msg="no"),
    vendor.NoCredentialsError(),
    vendor.ReadTimeoutError(endpoint_url="http://localhost"),
    vendor.ResponseStreamingError(error="no"),
    vendor.SSLError(endpoint_url="http://localhost", error="no"),
]


def answer(code: str, status: int = 400) -> ClientError:
    """Build an error as a client raises it."""
    response: Any = {"Error": {"Code": code, "Message": "whatever"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetItem")


def declared_errors() -> set[str]:
    """Return the codes that the operations in use declare."""
    session = botocore.session.get_session()
    return {
        str(shape.metadata.get("error", {}).get("code", shape.name))
        for service, operations in OPERATIONS.items()
        for operation in operations
        for shape in session.get_service_model(service).operation_model(operation).error_shapes
    }


def test_every_declared_error_is_decided_about() -> None:
    """Each is one of our errors, is asked for by its name, or is a known fault of the program; none is two of these."""
    declared = declared_errors()
    assert len(declared) > 15

    assert declared - set(CODES) == READ_BY_NAME | FAULTS


def test_every_reason_of_a_cancelled_transaction_is_decided_about() -> None:
    """Each is worth another try, is a condition that was not met, or is a known fault of the program."""
    told_apart = {"None", "ConditionalCheckFailed"}

    assert told_apart | FAULTY_REASONS == CANCELLATION_REASONS - BUSY


@pytest.mark.parametrize("code", sorted(CODES))
def test_an_answer_is_raised_as_ours(code: str) -> None:
    """The code decides, not the message; the vendor's error is the cause, and its words stay there."""
    error = answer(code)

    with pytest.raises(CODES[code]) as caught, translated():
        raise error

    assert caught.value.__cause__ is error
    assert code in caught.value.message
    assert "whatever" not in caught.value.message
    assert issubclass(CODES[code], UnavailableError | StoreFormatError)
    assert (CODES[code] is StoreBusyError) is (code in BUSY)


@pytest.mark.parametrize("error", UNCONNECTED, ids=lambda error: type(error).__name__)
def test_no_connection_is_unavailable(error: BotoCoreError) -> None:
    """Whatever keeps a client from its answer may pass."""
    with pytest.raises(UnavailableError, match=type(error).__name__) as caught, translated():
        raise error

    assert caught.value.__cause__ is error


def test_every_kind_of_lost_connection_is_tried() -> None:
    """The examples above are of each kind in the table."""
    assert all(any(isinstance(error, kind) for error in UNCONNECTED) for kind in EXCEPTIONS)


def test_an_unknown_answer_of_a_failing_server_is_busy() -> None:
    """A status of 500 or more says that the fault is the server's, whatever code comes with it."""
    with pytest.raises(StoreBusyError), translated():
        raise answer("502", 502)


@pytest.mark.parametrize("error", [
    answer("ValidationException"), answer("IdempotentParameterMismatchException"),
    vendor.ParamValidationError(report="no"), ValueError("ours"),
])  # fmt: skip
def test_a_fault_of_the_program_passes_as_it_is(error: Exception) -> None:
    """What a retry cannot heal is not dressed up as unavailable."""
    with pytest.raises(type(error)) as caught, translated():
        raise error

    assert caught.value is error
    assert not isinstance(caught.value, RicordoError)
