"""What DynamoDB and S3 can answer, as our errors.

Codes: docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as vendor
from botocore.exceptions import BotoCoreError, ClientError

from ricordo.domain.errors import RicordoError, StoreBusyError, StoreFormatError, UnavailableError

_FIRST_SERVER_STATUS = 500
BUSY = frozenset(
    {
        "InternalServerError",
        "InternalError",
        "ItemCollectionSizeLimitExceededException",
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
CODES: dict[str, type[RicordoError]] = {
    **dict.fromkeys(BUSY, StoreBusyError),
    "AccessDenied": UnavailableError,
    "AccessDeniedException": UnavailableError,
    "ExpiredToken": UnavailableError,
    "ExpiredTokenException": UnavailableError,
    "InvalidAccessKeyId": UnavailableError,
    "NoSuchBucket": StoreFormatError,
    "ResourceNotFoundException": StoreFormatError,
    "UnrecognizedClientException": UnavailableError,
}
EXCEPTIONS: tuple[type[BotoCoreError], ...] = (
    vendor.ConnectionError,
    vendor.CredentialRetrievalError,
    vendor.FlexibleChecksumError,
    vendor.HTTPClientError,
    vendor.IncompleteReadError,
    vendor.MetadataRetrievalError,
    vendor.NoCredentialsError,
)


def code_of(error: ClientError) -> str:
    """Return the code of an answer."""
    return str(error.response.get("Error", {}).get("Code", ""))


def meaning_of(error: ClientError) -> type[RicordoError] | None:
    """Return our error for an answer; None for a fault of ours, such as a malformed request."""
    code, answer = code_of(error), error.response.get("ResponseMetadata", {})
    if code not in CODES and answer.get("HTTPStatusCode", 0) >= _FIRST_SERVER_STATUS:
        return StoreBusyError
    return CODES.get(code)


@contextmanager
def translated() -> Iterator[None]:
    """Raise our errors for the vendor's; what is a fault of ours stays as it is."""
    try:
        yield
    except ClientError as error:
        meaning = meaning_of(error)
        if meaning is None:
            raise
        raise meaning(f"The store answered {code_of(error)}.") from error
    except EXCEPTIONS as error:
        raise UnavailableError(f"The store cannot be reached: {type(error).__name__}.") from error
