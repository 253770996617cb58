"""Answers that carry items are JSON as they are; moto's serialiser takes ten milliseconds an item for them."""

import base64
import json
from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.responses import DynamoHandler

CONTENT_TYPE = "application/x-amz-json-1.0"


def install() -> None:
    """Write answers as JSON, errors as before."""
    serialized = DynamoHandler.serialized

    def as_json(handler: DynamoHandler, action_result: ActionResult) -> Any:
        answer = action_result.result
        if not isinstance(answer, dict):
            return serialized(handler, action_result)
        headers = {"content-type": CONTENT_TYPE, **handler.response_headers}
        given = {name: value for name, value in answer.items() if value is not None}
        return 200, headers, json.dumps(given, default=_on_the_wire)

    DynamoHandler.serialized = as_json


def _on_the_wire(value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no form on the wire")
