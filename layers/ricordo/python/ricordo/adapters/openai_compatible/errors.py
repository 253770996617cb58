"""What the failures of a model server, and of the way there, mean to us."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from urllib3 import exceptions
from urllib3.exceptions import HTTPError

from ricordo.domain.model_calls import CallFailedError, Meaning

BUSY: Final = Meaning("The model server has no room for the call right now.", is_transient=True, is_throttling=True)
DOWN: Final = Meaning("The model server is down or out of reach.", is_transient=True)
SLOW: Final = Meaning("The model server did not answer in time.", is_transient=True)
DENIED: Final = Meaning("The model server refuses the API key, or the key may not use this model.")
ABSENT: Final = Meaning("The model server knows no such model or path: check its URL and the model's name.")
INVALID: Final = Meaning("The model server refused the request: check that the model can do what it is asked for.")
MOVED: Final = Meaning("The model server answers with a redirect, which is not followed: check its URL.")
GARBLED: Final = Meaning("The model server's answer cannot be read.")
UNTRUSTED: Final = Meaning("The model server's certificate is not trusted.")

STATUSES: Final[Mapping[int, Meaning]] = {
    HTTPStatus.UNAUTHORIZED: DENIED,
    HTTPStatus.FORBIDDEN: DENIED,
    HTTPStatus.NOT_FOUND: ABSENT,
    HTTPStatus.REQUEST_TIMEOUT: SLOW,
    HTTPStatus.CONFLICT: BUSY,
    HTTPStatus.TOO_EARLY: BUSY,
    HTTPStatus.TOO_MANY_REQUESTS: BUSY,
    HTTPStatus.GATEWAY_TIMEOUT: SLOW,
}
# The first class that fits; the last one is the root of all that urllib3 raises.
FAILURES: Final[tuple[tuple[type[HTTPError], Meaning], ...]] = (
    (exceptions.NewConnectionError, DOWN),
    (exceptions.TimeoutError, SLOW),
    (exceptions.SSLError, UNTRUSTED),
    (exceptions.DecodeError, GARBLED),
    (exceptions.LocationValueError, ABSENT),
    (HTTPError, DOWN),
)


def meaning_of(status: int) -> Meaning:
    """Return what an HTTP status that is no success means."""
    if status in STATUSES:
        return STATUSES[status]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return DOWN
    return INVALID if status >= HTTPStatus.BAD_REQUEST else MOVED


@contextmanager
def translated() -> Iterator[None]:
    """Raise `CallFailedError` for a failure on the way to the server."""
    try:
        yield
    except HTTPError as error:
        meaning = next(meaning for kind, meaning in FAILURES if isinstance(error, kind))
        raise CallFailedError(meaning) from error
