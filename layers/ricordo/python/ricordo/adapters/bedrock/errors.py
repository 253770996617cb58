"""What Bedrock's failures, and botocore's on the way there, mean to us."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ricordo.domain.model_calls import CallFailedError, Meaning

BUSY: Final = Meaning("Bedrock has no room for the call right now.", is_transient=True, is_throttling=True)
DOWN: Final = Meaning("Bedrock is down or out of reach.", is_transient=True)
SLOW: Final = Meaning("Bedrock did not answer in time.", is_transient=True)
DENIED: Final = Meaning(
    "Bedrock refuses access to the model: allow bedrock:InvokeModel on it to this role, and see that the account may"
    " use it in this region."
)
ABSENT: Final = Meaning("Bedrock has no such model in this region: check the model's id and where it is offered.")
INVALID: Final = Meaning(
    "Bedrock refused the request: check that the model's id or inference profile suits the region."
)
FAILED: Final = Meaning("The model failed on this request.")
QUOTA: Final = Meaning("The account's quota for the model is used up: ask for more in Service Quotas.")
NO_CREDENTIALS: Final = Meaning("There are no valid AWS credentials to call Bedrock with.")
GARBLED: Final = Meaning("Bedrock's answer cannot be read.")

CODES: Final[Mapping[str, Meaning]] = {
    "ThrottlingException": BUSY,
    "TooManyRequestsException": BUSY,
    "ModelNotReadyException": BUSY,
    "ModelTimeoutException": SLOW,
    "InternalServerException": DOWN,
    "ServiceUnavailableException": DOWN,
    "ModelErrorException": FAILED,
    "AccessDeniedException": DENIED,
    "ResourceNotFoundException": ABSENT,
    "ValidationException": INVALID,
    "ServiceQuotaExceededException": QUOTA,
    "ExpiredTokenException": NO_CREDENTIALS,
    "InvalidSignatureException": NO_CREDENTIALS,
    "UnrecognizedClientException": NO_CREDENTIALS,
}
FAILURES: Final[tuple[tuple[type[Exception], Meaning], ...]] = (
    (exceptions.ReadTimeoutError, SLOW),
    (exceptions.ConnectTimeoutError, SLOW),
    (exceptions.SSLError, Meaning("Bedrock's certificate is not trusted.")),
    (exceptions.ConnectionError, DOWN),
    (exceptions.HTTPClientError, DOWN),
    (exceptions.IncompleteReadError, DOWN),
    (exceptions.NoCredentialsError, NO_CREDENTIALS),
    (exceptions.PartialCredentialsError, NO_CREDENTIALS),
    (exceptions.CredentialRetrievalError, NO_CREDENTIALS),
    (exceptions.TokenRetrievalError, NO_CREDENTIALS),
    (exceptions.NoAuthTokenError, NO_CREDENTIALS),
    (exceptions.SSOError, NO_CREDENTIALS),
    (exceptions.LoginError, NO_CREDENTIALS),
    (ResponseParserError, GARBLED),
)
_SERVER_ERROR: Final = 500


@contextmanager
def translated() -> Iterator[None]:
    """Raise `CallFailedError` for a failure of the call; a fault of the program passes as it is."""
    try:
        yield
    except ClientError as error:
        raise CallFailedError(_meaning_of(error)) from error
    except (BotoCoreError, ResponseParserError) as error:
        for kind, meaning in FAILURES:
            if isinstance(error, kind):
                raise CallFailedError(meaning) from error
        raise


def _meaning_of(error: ClientError) -> Meaning:
    """Look the code up; of one that is not known, the status tells whose fault it is."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return CODES.get(error.response["Error"]["Code"], DOWN if status >= _SERVER_ERROR else INVALID)
