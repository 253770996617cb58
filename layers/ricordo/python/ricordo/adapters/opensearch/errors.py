"""What OpenSearch's failures mean to us.

An index serves: whatever is wrong with it, reads go on without it, and writes come again. So all of them are
`UnavailableError`, but for a wrong set-up, which the next start has to tell.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError
from opensearchpy import exceptions as theirs

from ricordo.domain.errors import IndexMissingError, RicordoError, StoreFormatError, UnavailableError

# The first class that fits an exception counts: a class stands before those it derives from.
ERRORS: Mapping[type[Exception], tuple[type[RicordoError], str]] = {
    theirs.NotFoundError: (IndexMissingError, "The search index does not exist."),
    theirs.ConnectionTimeout: (UnavailableError, "The search index did not answer in time."),
    theirs.SSLError: (UnavailableError, "The search index cannot be reached safely."),
    theirs.ConnectionError: (UnavailableError, "The search index cannot be reached."),
    theirs.AuthenticationException: (UnavailableError, "The search index does not know our credentials."),
    theirs.AuthorizationException: (UnavailableError, "The search index refuses our credentials."),
    theirs.ConflictError: (UnavailableError, "The search index met a conflicting request."),
    theirs.RequestError: (UnavailableError, "The search index refused a request."),
    theirs.TransportError: (UnavailableError, "The search index failed."),
    theirs.SerializationError: (UnavailableError, "The search index answered in no language of ours."),
    theirs.OpenSearchException: (UnavailableError, "The search index failed."),
    theirs.ImproperlyConfigured: (StoreFormatError, "The client of the search index is set up wrongly."),
    theirs.OpenSearchDslException: (StoreFormatError, "The client of the search index is set up wrongly."),
    BotoCoreError: (UnavailableError, "There are no credentials for the search index."),
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise our error for one of the client's; a fault of the program passes as it is."""
    try:
        yield
    except tuple(ERRORS) as error:
        ours, message = next(meaning for theirs_, meaning in ERRORS.items() if isinstance(error, theirs_))
        _forget_contents(error)
        raise ours(message) from error


def _forget_contents(error: Exception) -> None:
    """Leave the status and the type of an answer: the rest may quote the texts and vectors that were sent."""
    if isinstance(error, theirs.TransportError) and not isinstance(error, theirs.ConnectionError):
        kind = error.args[1] if isinstance(error.args[1], str) else ""
        error.args = (error.args[0], kind if kind.isidentifier() else "", {})
    elif isinstance(error, theirs.SerializationError):
        error.args = ()
