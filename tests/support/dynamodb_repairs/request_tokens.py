"""A transaction sent again under its ClientRequestToken has no second effect, as on AWS for ten minutes.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html (2026-11-24).
"""

import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.responses import DynamoHandler

MEMORY_S = 600.0

now = time.time  # a test moves it on


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was sent under a token, and answered."""

    at: float
    digest: str
    answer: Any


def install() -> None:
    """Remember the tokens of transactions that succeeded."""
    transact = DynamoHandler.transact_write_items

    def transact_once(handler: DynamoHandler) -> Any:
        token = handler.body.get("ClientRequestToken")
        if not token:
            return transact(handler)
        # moto empties a backend's dictionary when it resets it, and the memory with it
        memory = handler.dynamodb_backend.__dict__.setdefault("_request_tokens", {})
        known, digest = memory.get(token), _digest(handler.body)
        if known is None or now() - known.at >= MEMORY_S:
            known = memory[token] = Remembered(now(), digest, transact(handler))
        if known.digest != digest:
            raise JsonRESTError(
                "IdempotentParameterMismatchException", "The request does not match the first one under its token."
            )
        return known.answer

    DynamoHandler.transact_write_items = transact_once


def _digest(body: dict[str, Any]) -> str:
    request = {name: value for name, value in body.items() if name != "ClientRequestToken"}
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
