"""What SQS asks of each of its requests."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from support.aws_guard.limits import (
    QUEUE_ATTRIBUTES,
    QUEUE_DELAY_S,
    QUEUE_ENTRIES,
    QUEUE_ENTRY_ID_CHARACTERS,
    QUEUE_RECEIVED,
    QUEUE_REQUEST_BYTES,
    QUEUE_WAIT_S,
    SQS_MESSAGES,
    RefusedRequestError,
)

Request = Mapping[str, Any]
ENTRY_ID = re.compile(r"[A-Za-z0-9_-]+")
ILLEGAL_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check_sqs(operation: str, request: Request) -> None:
    """Refuse a request that SQS would refuse.

    Raises:
        RefusedRequestError: it is one.
    """
    if check := CHECKS.get(operation):
        check(request)


def _check_message(message: Request) -> None:
    QUEUE_ATTRIBUTES.check(len(message.get("MessageAttributes") or {}))
    QUEUE_DELAY_S.check(message.get("DelaySeconds") or 0)
    body = message["MessageBody"]
    if not body or ILLEGAL_CHARACTER.search(body):
        raise RefusedRequestError(f"a message is empty or holds a character XML has not; {SQS_MESSAGES}")


def _size(message: Request) -> int:
    attributes = (message.get("MessageAttributes") or {}).items()
    texts = [part for name, value in attributes for part in (name, value["DataType"], value.get("StringValue", ""))]
    binary = sum(len(value.get("BinaryValue", b"")) for _name, value in attributes)
    return len(message["MessageBody"].encode()) + sum(len(text.encode()) for text in texts) + binary


def _check_send(request: Request) -> None:
    _check_message(request)
    QUEUE_REQUEST_BYTES.check(_size(request))


def _check_send_batch(request: Request) -> None:
    _check_batch(request)
    for entry in request["Entries"]:
        _check_message(entry)
    QUEUE_REQUEST_BYTES.check(sum(map(_size, request["Entries"])))


def _check_batch(request: Request) -> None:
    entries: Sequence[Request] = request["Entries"]
    QUEUE_ENTRIES.check(len(entries))
    ids = [entry["Id"] for entry in entries]
    if not ids or len(set(ids)) != len(ids) or not all(map(ENTRY_ID.fullmatch, ids)):
        raise RefusedRequestError(f"the ids of a batch are missing, equal or malformed: {ids}; {SQS_MESSAGES}")
    for entry_id in ids:
        QUEUE_ENTRY_ID_CHARACTERS.check(len(entry_id))


def _check_receive(request: Request) -> None:
    QUEUE_RECEIVED.check(request.get("MaxNumberOfMessages", 1))
    QUEUE_WAIT_S.check(request.get("WaitTimeSeconds", 0))


CHECKS: Mapping[str, Callable[[Request], None]] = {
    "SendMessage": _check_send,
    "SendMessageBatch": _check_send_batch,
    "DeleteMessageBatch": _check_batch,
    "ChangeMessageVisibilityBatch": _check_batch,
    "ReceiveMessage": _check_receive,
}
