"""Every way Ricordo can refuse or fail.

RicordoError
|-- InvalidRequestError            the caller must change the request (400)
|   |-- InvalidFilterError
|   |-- InvalidMomentError
|   `-- MissingScopeError
|-- RequestTooLargeError           over a documented limit (413)
|-- UnauthorizedError              no or an unknown key (401)
|-- AccessDeniedError              a known key without the right (403)
|-- NotFoundError                  (404)
|   |-- MemoryNotFoundError
|   |-- EventNotFoundError
|   |-- OwnerNotFoundError
|   |-- ProjectNotFoundError
|   `-- KeyNotFoundError
|-- ConflictError                  the request met another one (409)
|   |-- VersionConflictError
|   |-- ImmutableMemoryError
|   `-- IdempotencyConflictError
|-- UnavailableError               try again later (503)
|   |-- StoreBusyError
|   |-- ThrottledError             a model takes fewer calls than there are
|   |-- EmbedderUnavailableError
|   |-- ExtractorUnavailableError
|   `-- IndexMissingError          the search index was not made yet
|-- ProjectionError                an index or graph refused some memories; never leaves the consumer
|-- LeaseLostError                 another worker took the work over; never leaves the worker
`-- StoreFormatError               the file is not ours, or newer than this program
"""

from typing import ClassVar


class RicordoError(Exception):
    """Base of all; `code` is stable and clients may match on it."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidRequestError(RicordoError):
    """The request is malformed; the message says what to send instead."""

    code = "invalid_request"


class InvalidFilterError(InvalidRequestError):
    """A filter is not of the grammar of `domain/filter_grammar.py`."""

    code = "invalid_filter"


class InvalidMomentError(InvalidRequestError):
    """A date or time cannot be read."""

    code = "invalid_moment"


class MissingScopeError(InvalidRequestError):
    """No owner says whose memory is meant; that is never read as "all"."""

    code = "missing_scope"


class RequestTooLargeError(RicordoError):
    """The request exceeds a documented limit."""

    code = "request_too_large"


class UnauthorizedError(RicordoError):
    """The API key is absent, unknown or revoked."""

    code = "unauthorized"


class AccessDeniedError(RicordoError):
    """The API key is known and does not reach what was asked for."""

    code = "access_denied"


class NotFoundError(RicordoError):
    """What was asked for does not exist in this project."""

    code = "not_found"


class MemoryNotFoundError(NotFoundError):
    """No such memory."""

    code = "memory_not_found"


class EventNotFoundError(NotFoundError):
    """No such event."""

    code = "event_not_found"


class OwnerNotFoundError(NotFoundError):
    """No such user, agent, app or run."""

    code = "owner_not_found"


class ProjectNotFoundError(NotFoundError):
    """No such project."""

    code = "project_not_found"


class KeyNotFoundError(NotFoundError):
    """No such API key."""

    code = "key_not_found"


class ConflictError(RicordoError):
    """The request met another one; nothing was changed."""

    code = "conflict"


class VersionConflictError(ConflictError):
    """The memory has moved on from the version this write replaces."""

    code = "version_conflict"


class ImmutableMemoryError(ConflictError):
    """The memory was added as immutable."""

    code = "immutable_memory"


class IdempotencyConflictError(ConflictError):
    """The Idempotency-Key was used for another request."""

    code = "idempotency_conflict"


class UnavailableError(RicordoError):
    """A part is not up; the same request may succeed later."""

    code = "unavailable"


class StoreBusyError(UnavailableError):
    """The store did not grant its lock in time."""

    code = "store_busy"


class ThrottledError(UnavailableError):
    """A model's server asks for fewer calls, or for later ones."""

    code = "throttled"


class EmbedderUnavailableError(UnavailableError):
    """The embedding model cannot be loaded or reached."""

    code = "embedder_unavailable"


class ExtractorUnavailableError(UnavailableError):
    """The model that finds statements cannot be reached."""

    code = "extractor_unavailable"


class IndexMissingError(UnavailableError):
    """No search index has the name; `ricordo provision` makes it."""

    code = "index_missing"


class ProjectionError(RicordoError):
    """An index or a graph took the others, but not the memories with these ids."""

    code = "projection_refused"

    def __init__(self, message: str, memory_ids: frozenset[str]) -> None:
        super().__init__(message)
        self.memory_ids = memory_ids


class LeaseLostError(RicordoError):
    """The lease on an event ended and another worker holds it now."""

    code = "lease_lost"


class StoreFormatError(RicordoError):
    """The database file is not Ricordo's, or was written by a newer version."""

    code = "store_format"
