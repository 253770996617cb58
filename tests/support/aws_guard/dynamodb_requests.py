"""What DynamoDB asks of each of its requests."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from support.aws_guard.dynamodb_expressions import check_expressions, check_query
from support.aws_guard.item_values import check_item, item_size, parts, value_size
from support.aws_guard.limits import (
    BATCH_READS,
    BATCH_WRITE_BYTES,
    BATCH_WRITES,
    REQUEST_TOKEN_CHARACTERS,
    TRANSACT_WRITE,
    TRANSACTION_ACTIONS,
    TRANSACTION_BYTES,
    TRANSACTION_READS,
    RefusedRequestError,
)
from support.aws_guard.table_keys import check_item_keys, check_key, keys_of, learn_keys

Request = Mapping[str, Any]


def check_dynamodb(operation: str, request: Request) -> None:
    """Refuse a request that DynamoDB would refuse, or that could act twice.

    Raises:
        RefusedRequestError: it is one.
    """
    learn_keys(operation, request)
    if check := CHECKS.get(operation):
        check(request)


def _check_put(request: Request) -> None:
    check_expressions(request)
    check_item(request["Item"])
    check_item_keys(request["TableName"], request["Item"])


def _check_keyed(request: Request) -> None:
    check_expressions(request)
    check_key(request["TableName"], request["Key"])


def _check_query(request: Request) -> None:
    check_expressions(request)
    check_query(request)


def _check_batch_write(request: Request) -> None:
    writes = [
        (table, *next(iter(write.items()))) for table, found in request["RequestItems"].items() for write in found
    ]
    BATCH_WRITES.check(len(writes))
    size = 0
    for table, kind, write in writes:
        if kind == "PutRequest":
            check_item(write["Item"])
            check_item_keys(table, write["Item"])
            size += item_size(write["Item"])
        else:
            check_key(table, write["Key"])
    BATCH_WRITE_BYTES.check(size)
    _check_distinct((table, write.get("Item") or write["Key"]) for table, _kind, write in writes)


def _check_batch_get(request: Request) -> None:
    reads = [(table, key) for table, found in request["RequestItems"].items() for key in found["Keys"]]
    BATCH_READS.check(len(reads))
    for found in request["RequestItems"].values():
        check_expressions(found)
    for table, key in reads:
        check_key(table, key)
    _check_distinct(reads)


def _check_transact_get(request: Request) -> None:
    reads = [read["Get"] for read in request["TransactItems"]]
    TRANSACTION_READS.check(len(reads))
    for read in reads:
        _check_keyed(read)
    _check_distinct((read["TableName"], read["Key"]) for read in reads)


def _check_transact_write(request: Request) -> None:
    actions = request["TransactItems"]
    TRANSACTION_ACTIONS.check(len(actions))
    for action in actions:
        ((kind, write),) = action.items()
        (_check_put if kind == "Put" else _check_keyed)(write)
    written = [write for action in actions for write in action.values()]
    _check_distinct((write["TableName"], write.get("Item") or write["Key"]) for write in written)
    TRANSACTION_BYTES.check(transaction_size(actions))
    # botocore fills in a random token, which covers its own retries; one derived from the operation covers a Lambda
    # that is invoked again.
    token = request.get("ClientRequestToken")
    if not token:
        raise RefusedRequestError("TransactWriteItems without a ClientRequestToken of its own")
    REQUEST_TOKEN_CHARACTERS.check(len(token))


def transaction_size(actions: Sequence[Mapping[str, Any]]) -> int:
    """Return the bytes a transaction carries: its items and keys, and the values of its updates."""
    size = 0
    for action in actions:
        ((kind, write),) = action.items()
        size += item_size(write.get("Item") or write["Key"])
        if kind == "Update":
            size += sum(value_size(*parts(value)) for value in (write.get("ExpressionAttributeValues") or {}).values())
    return size


def _check_distinct(touched: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Refuse to name an item twice; of whole items only those whose table is known can be told."""
    seen: set[tuple[str, str]] = set()
    for table, attributes in touched:
        known = keys_of(table)
        key = {name: attributes[name] for name in known.primary} if known else attributes
        identity = (table, json.dumps(key, sort_keys=True, default=str))
        if identity in seen:
            raise RefusedRequestError(f"one item of {table} is named twice in a request; {TRANSACT_WRITE}")
        seen.add(identity)


CHECKS: Mapping[str, Callable[[Request], None]] = {
    "PutItem": _check_put,
    "GetItem": _check_keyed,
    "DeleteItem": _check_keyed,
    "UpdateItem": _check_keyed,
    "Query": _check_query,
    "Scan": check_expressions,
    "BatchGetItem": _check_batch_get,
    "BatchWriteItem": _check_batch_write,
    "TransactGetItems": _check_transact_get,
    "TransactWriteItems": _check_transact_write,
}
