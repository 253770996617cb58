"""What EventBridge can answer, to a request or to one entry of it, as our errors.

Codes: docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html and CommonErrors.html there.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as vendor
from botocore.exceptions import BotoCoreError, ClientError

from ricordo.domain.errors import RicordoError, UnavailableError

_FIRST_SERVER_STATUS = 500
PASSING = frozenset({"InternalException", "InternalFailure", "ServiceUnavailable", "Throttling", "ThrottlingException"})
"""An entry that was answered so is worth sending again at once."""

CODES: dict[str, type[RicordoError]] = {
    **dict.fromkeys(PASSING, UnavailableError),
    "AccessDeniedException": UnavailableError,
    "ExpiredTokenException": UnavailableError,
    "InvalidClientTokenId": UnavailableError,
    "NotAuthorizedForDetailTypeException": UnavailableError,
    "NotAuthorizedForSourceException": UnavailableError,
    "RedactionFailure": UnavailableError,
    "ResourceNotFoundException": UnavailableError,
    "UnrecognizedClientException": UnavailableError,
}
EXCEPTIONS: tuple[type[BotoCoreError], ...] = (
    vendor.ConnectionError,
    vendor.CredentialRetrievalError,
    vendor.HTTPClientError,
    vendor.MetadataRetrievalError,
    vendor.NoCredentialsError,
)


@contextmanager
def translated() -> Iterator[None]:
    """Raise our errors for the vendor's; what is a fault of ours stays as it is."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        meaning = CODES.get(code, UnavailableError if status >= _FIRST_SERVER_STATUS else None)
        if meaning is None:
            raise
        raise meaning(f"The event bus answered {code}.") from error
    except EXCEPTIONS as error:
        raise UnavailableError(f"The event bus cannot be reached: {type(error).__name__}.") from error
