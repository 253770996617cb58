"""The one table: typed requests within the documented limits, with what AWS left undone asked for again.

Limits: docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from boto3.dynamodb import conditions
from botocore.exceptions import ClientError

from ricordo.adapters.dynamodb.attributes import Item, dump, from_item
from ricordo.adapters.dynamodb.errors import BUSY, code_of, translated
from ricordo.adapters.dynamodb.expressions import ACTION, Change, Delete, Expression, Put, Write, key_of, request_of
from ricordo.adapters.dynamodb.keys import Key
from ricordo.domain.errors import StoreBusyError

MAX_TRANSACTION_ITEMS = 100
_MAX_BATCH_GET = 100
_TRIES = 8
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 1.0
_TOKENS = UUID("3f4b7a52-7b54-5a0e-9d3f-0a4f4c1f6d20")
_MAX_BATCH_WRITE = 25


class ConditionNotMetError(Exception):
    """A conditional write met another state. Never leaves the adapter.

    Attributes:
        rows: By place in the transaction, the row that stood there for each write whose condition failed.
    """

    def __init__(self, rows: Mapping[int, Mapping[str, Any] | None]) -> None:
        super().__init__("the condition of a write was not met")
        self.rows = rows


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a query, and the key to go on from; None at the end."""

    rows: Sequence[dict[str, Any]]
    after: Item | None


class Table:
    """Requests on one table over a botocore DynamoDB client."""

    def __init__(self, client: Any, name: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._name = name
        self._sleep = sleep

    def get(self, key: Key) -> dict[str, Any] | None:
        """Return a row as it stands, or None."""
        answer = self._ask("get_item", Key=key_of(key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Key], *, only: Sequence[str] = ()) -> dict[Key, dict[str, Any]]:
        """Return the rows that stand under these keys, as they stand; `only` names the attributes wanted."""
        found: dict[Key, dict[str, Any]] = {}
        unique = list(dict.fromkeys(keys))
        for start in range(0, len(unique), _MAX_BATCH_GET):
            for row in self._batch(unique[start : start + _MAX_BATCH_GET], only):
                found[Key(row["pk"], row["sk"])] = row
        return found

    def _batch(self, keys: Sequence[Key], only: Sequence[str]) -> Iterator[dict[str, Any]]:
        request: dict[str, Any] = {"Keys": [key_of(key) for key in keys], "ConsistentRead": True}
        if only:
            names = {f"#n{place}": name for place, name in enumerate(("pk", "sk", *only))}
            request |= {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
        left: dict[str, Any] = {self._name: request}
        for pause in _pauses():
            with translated():
                answer = self._client.batch_get_item(RequestItems=left)
            yield from (from_item(item) for item in answer["Responses"].get(self._name, []))
            left = answer.get("UnprocessedKeys") or {}
            if not left:
                return
            self._sleep(pause)
        raise StoreBusyError("The store left keys unread; try again.")

    def query(
        self,
        pk: str,
        *,
        where: conditions.ConditionBase | None = None,
        index: str | None = None,
        only_if: conditions.ConditionBase | None = None,
        newest_first: bool = False,
        limit: int | None = None,
        after: Item | None = None,
    ) -> Slice:
        """Return one page of a partition; `where` narrows the sort key, `only_if` filters what was read.

        A base table is read consistently; an index cannot be.
        """
        partition = conditions.Key(f"{index}pk" if index else "pk").eq(pk)
        expression = Expression()
        request: dict[str, Any] = {
            "KeyConditionExpression": expression.build(partition & where if where else partition, is_key=True),
            "ScanIndexForward": not newest_first,
        }
        if only_if is not None:
            request["FilterExpression"] = expression.build(only_if)
        request |= {"IndexName": index} if index else {"ConsistentRead": True}
        request |= {"Limit": limit} if limit else {}
        request |= {"ExclusiveStartKey": after} if after else {}
        answer = self._ask("query", **request, **expression.placeholders())
        return Slice([from_item(item) for item in answer["Items"]], answer.get("LastEvaluatedKey"))

    def query_all(self, pk: str, *, after: Item | None = None, **options: Any) -> Iterator[dict[str, Any]]:
        """Yield all rows of a partition, a page at a time as they are taken; options as for `query`."""
        while True:
            page = self.query(pk, after=after, **options)
            yield from page.rows
            after = page.after
            if after is None:
                return

    def count(self, pk: str, *, index: str, at_most: int) -> int:
        """Count rows of an index's partition, no further than `at_most`."""
        expression = Expression()
        condition = expression.build(conditions.Key(f"{index}pk").eq(pk), is_key=True)
        request: dict[str, Any] = {"KeyConditionExpression": condition, "IndexName": index}
        request |= {"Select": "COUNT", "Limit": at_most}
        counted = 0
        while True:
            answer = self._ask("query", **request, **expression.placeholders())
            counted += int(answer["Count"])
            if counted >= at_most or "LastEvaluatedKey" not in answer:
                return min(counted, at_most)
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def write(self, write: Put | Change | Delete) -> dict[str, Any] | None:
        """Do one write alone; return the row a `Change` leaves, or the row a `Put` or `Delete` replaced.

        Raises:
            ConditionNotMetError: with the row that stood there, at place 0.
            RequestTooLargeError: the row is larger than the store takes.
        """
        operation = {Put: "put_item", Change: "update_item", Delete: "delete_item"}[type(write)]
        request = request_of(write)
        request["ReturnValues"] = "ALL_NEW" if isinstance(write, Change) else "ALL_OLD"
        if "ConditionExpression" in request:
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        try:
            answer = self._retried(operation, request)
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            held = error.response.get("Item")
            raise ConditionNotMetError({0: from_item(held) if held else None}) from error
        return from_item(answer["Attributes"]) if answer.get("Attributes") else None

    def write_many(self, writes: Sequence[Put | Delete]) -> None:
        """Do unconditional writes, in no order and not as one."""
        requests = [
            {"PutRequest": {"Item": request_of(write)["Item"]}}
            if isinstance(write, Put)
            else {"DeleteRequest": {"Key": key_of(write.key)}}
            for write in writes
        ]
        for start in range(0, len(requests), _MAX_BATCH_WRITE):
            self._write_batch(requests[start : start + _MAX_BATCH_WRITE])

    def _write_batch(self, requests: Sequence[dict[str, Any]]) -> None:
        left: dict[str, Any] = {self._name: list(requests)}
        for pause in _pauses():
            with translated():
                answer = self._client.batch_write_item(RequestItems=left)
            left = answer.get("UnprocessedItems") or {}
            if not left:
                return
            self._sleep(pause)
        raise StoreBusyError("The store left rows unwritten; try again.")

    def transact(self, writes: Sequence[Write], *, token: str | None = None) -> None:
        """Do all of these writes or none.

        The token derives from the writes, so that the same transaction sent again has one effect: its conditions
        are not looked at again. Whoever must know which of two equal ones came first gives a token of its own.

        Raises:
            ConditionNotMetError: with the rows that stood in the way.
            RequestTooLargeError: a row is larger than the store takes.
        """
        actions = [{ACTION[type(write)]: {"TableName": self._name, **request_of(write)}} for write in writes]
        for action in actions:
            for request in action.values():
                if "ConditionExpression" in request:
                    request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        token = token or str(uuid5(_TOKENS, dump(_spelled(actions))))
        for pause in _pauses():
            try:
                with translated():
                    self._client.transact_write_items(TransactItems=actions, ClientRequestToken=token)
            except ClientError as error:
                if not _is_conflict(error):
                    raise
                self._sleep(pause)
            else:
                return
        raise StoreBusyError("Other writes to the same rows kept coming first; try again.")

    def _ask(self, operation: str, **request: Any) -> dict[str, Any]:
        with translated():
            answer: dict[str, Any] = getattr(self._client, operation)(TableName=self._name, **request)
        return answer

    def _retried(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Send a single write again while a transaction holds its row."""
        for pause in _pauses():
            try:
                return self._ask(operation, **request)
            except StoreBusyError:
                self._sleep(pause)
        raise StoreBusyError("Other writes to the same row kept coming first; try again.")


def _is_conflict(error: ClientError) -> bool:
    """Say whether a cancelled transaction is worth sending again; a condition that failed is told apart.

    Raises:
        ConditionNotMetError: one of the conditions failed.
    """
    if code_of(error) != "TransactionCanceledException":
        return False
    reasons = error.response.get("CancellationReasons", [])
    failed = {
        place: from_item(reason["Item"]) if reason.get("Item") else None
        for place, reason in enumerate(reasons)
        if reason.get("Code") == "ConditionalCheckFailed"
    }
    if failed:
        raise ConditionNotMetError(failed) from error
    return any(reason.get("Code") in BUSY for reason in reasons)


def _pauses() -> Iterator[float]:
    """Yield pauses that double, with full jitter (aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter)."""
    for attempt in range(_TRIES):
        yield random.uniform(0, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt))  # noqa: S311  no secret


def _spelled(value: Any) -> Any:
    """Make a request JSON: bytes as hex."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {name: _spelled(part) for name, part in value.items()}
    return [_spelled(part) for part in value] if isinstance(value, list) else value
