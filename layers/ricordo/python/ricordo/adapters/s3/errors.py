"""What S3 can answer, as our errors.

Codes: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as vendor
from botocore.exceptions import BotoCoreError, ClientError

from ricordo.domain.errors import NotFoundError, RicordoError, StoreBusyError, StoreFormatError, UnavailableError

_FIRST_SERVER_STATUS = 500
CODES: dict[str, type[RicordoError]] = {
    "403": UnavailableError,  # an answer to HEAD has no body, and so no code
    "404": NotFoundError,
    "AccessDenied": UnavailableError,
    "ExpiredToken": UnavailableError,
    "InternalError": StoreBusyError,
    "InvalidAccessKeyId": UnavailableError,
    "NoSuchBucket": StoreFormatError,
    "NoSuchKey": NotFoundError,
    "PreconditionFailed": NotFoundError,  # the file is another by now
    "RequestTimeout": StoreBusyError,
    "ServiceUnavailable": StoreBusyError,
    "SlowDown": StoreBusyError,
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


@contextmanager
def translated(key: str) -> Iterator[None]:
    """Raise our errors for the vendor's, about this key; what is a fault of ours stays as it is."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        meaning = CODES.get(code, StoreBusyError if status >= _FIRST_SERVER_STATUS else None)
        if meaning is None:
            raise
        raise meaning(f"S3 answered {code} for {key}.") from error
    except EXCEPTIONS as error:
        raise UnavailableError(f"S3 cannot be reached: {type(error).__name__}.") from error
