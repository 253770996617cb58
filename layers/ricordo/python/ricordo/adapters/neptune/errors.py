"""What the failures of a Gremlin server, of the way to it and of signing mean to us.

Servers quote what was asked in the text of an error, so only its code leaves `connection`.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
from botocore.exceptions import BotoCoreError

from ricordo.domain.errors import UnavailableError

# https://docs.aws.amazon.com/neptune/latest/userguide/errors-engine-codes.html, and the classes of exceptions by
# which TinkerPop's own server says the same.
CONFLICTS = frozenset(  # another transaction was faster
    {"ConcurrentModificationException", "ConstraintViolationException", "TransactionException"}
    | {"IllegalArgumentException"}  # TinkerPop's for an id that has just been made, or has just gone
)
MOVED = frozenset(  # this server takes no writes, or soon takes nothing, as after a failover
    {"ReadOnlyViolationException", "ServerShutdownException"}
)
FINAL = frozenset(  # the traversal would be refused another time too
    {"BadRequestException", "InvalidArgumentException", "InvalidNumericDataException", "InvalidParameterException"}
    | {"MalformedQueryException", "MissingParameterException", "ParsingException", "PreconditionsFailedException"}
    | {"QueryLimitException", "QueryTooLargeException", "UnsupportedOperationException"}
)


class TraversalRefusedError(Exception):
    """The server refused a traversal."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class HandshakeRefusedError(Exception):
    """The server refused a connection, with this HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ConnectionLostError(Exception):
    """The server ended the connection."""


ERRORS: Mapping[type[Exception], str] = {
    TraversalRefusedError: "The graph refused a traversal.",
    HandshakeRefusedError: "The graph refused a connection.",
    ConnectionLostError: "The connection to the graph was lost.",
    TimeoutError: "The graph did not answer in time.",
    OSError: "The graph cannot be reached.",
    aiohttp.ClientError: "The graph cannot be reached.",
    BotoCoreError: "There are no credentials to reach the graph with.",
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise ours for what keeps the graph from answering; a fault of the program passes as it is."""
    try:
        yield
    except tuple(ERRORS) as error:
        message = next(text for kind, text in ERRORS.items() if isinstance(error, kind))
        raise UnavailableError(message) from error


def code_of(status: Mapping[str, Any]) -> str:
    """Return by which code a server refuses.

    Neptune's message is a JSON object with one; TinkerPop names the exceptions behind it beside the message.
    """
    try:
        return str(json.loads(status["message"])["code"])
    except (ValueError, TypeError, KeyError):
        kinds = (status["attributes"] or {}).get("exceptions") or [str(status["code"])]
    codes: list[str] = [kind.rpartition(".")[2] for kind in kinds]
    return next((code for code in codes if code in CONFLICTS), codes[0])
