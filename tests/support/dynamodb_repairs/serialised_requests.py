"""One request at a time: moto's tables are plain dictionaries, and threads would lose each other's writes."""

import functools
import threading
from typing import Any

from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.responses import DynamoDBStreamsHandler

LOCK = threading.RLock()


def install() -> None:
    """Have requests to tables and streams wait for each other."""
    for handler in (DynamoHandler, DynamoDBStreamsHandler):
        handler.call_action = _serialised(handler.call_action)


def _serialised(call_action: Any) -> Any:
    @functools.wraps(call_action)
    def serialised(handler: Any) -> Any:
        with LOCK:
            return call_action(handler)

    return serialised
