"""What tests on moto trust is so on DynamoDB Local: its refusals are the guard's, its streams like the repaired ones.

The pump that reads these streams is shown here too.
"""

from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from support import aws_guard
from support.aws_guard import unguarded
from support.clocks import FrozenClock
from support.dynamodb_cases import REFUSED, TAKEN, send
from support.moto_cloud import moto_cloud
from support.small_table import (
    TABLE,
    add_action,
    create_table,
    key,
    missing_check,
    put,
    put_action,
    transact,
)

from engines import Engine, dynamodb_local
from ricordo.adapters.builtin.clock import SystemClock
from ricordo.local.stream_pump import Delivery, StreamPump

pytestmark = pytest.mark.engines

OURS_ALONE = {"no token"}
TTL_PATIENCE_S = 60


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One DynamoDB Local for these tests."""
    aws_guard.install()
    with dynamodb_local() as running:
        yield running


def client(service: str, engine: Engine) -> Any:
    """Make a client of the engine."""
    session = boto3.session.Session("testing", "testing", region_name="eu-west-1")
    return session.client(service, endpoint_url=engine.url)


@pytest.fixture
def dynamodb(engine: Engine) -> Iterator[Any]:
    """The small table on DynamoDB Local, gone afterwards."""
    with closing(client("dynamodb", engine)) as opened:
        yield opened
        with suppress(opened.exceptions.ResourceNotFoundException):
            opened.delete_table(TableName=TABLE)


@pytest.mark.parametrize("name", sorted(REFUSED.keys() - OURS_ALONE))
def test_engine_refuses_what_the_guard_refuses(dynamodb: Any, name: str) -> None:
    """The guard invents no limit."""
    create_table(dynamodb)
    with unguarded(), pytest.raises(ClientError, match="Validation"):
        send(dynamodb, REFUSED[name])


@pytest.mark.parametrize("name", TAKEN)
def test_engine_takes_what_the_guard_takes(dynamodb: Any, name: str) -> None:
    """The guard lets nothing through that is over a limit."""
    create_table(dynamodb)
    send(dynamodb, TAKEN[name])


def write_history(dynamodb: Any) -> None:
    """Write in all ways there are, some of which fail or change nothing."""
    update = {"TableName": TABLE, "UpdateExpression": "SET body = :body"}
    put(dynamodb, "1", n=1, topic="tea")
    put(dynamodb, "1", n=1, topic="tea")
    dynamodb.update_item(**update, Key=key("2"), ExpressionAttributeValues={":body": {"B": b"\x00\xff"}})
    dynamodb.update_item(**update, Key=key("2"), ExpressionAttributeValues={":body": {"B": b"\x00\xff"}})
    dynamodb.update_item(**update, Key=key("2"), ExpressionAttributeValues={":body": {"SS": ["a", "b"]}})
    dynamodb.delete_item(TableName=TABLE, Key=key("absent"))
    transact(
        dynamodb, put_action("3"), add_action("1", 1), {"Delete": {"TableName": TABLE, "Key": key("2")}}, token="1"
    )
    with suppress(dynamodb.exceptions.TransactionCanceledException):
        transact(dynamodb, put_action("4"), add_action("1", 1), missing_check("3"), token="2")
    with suppress(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.delete_item(TableName=TABLE, Key=key("3"), ConditionExpression="attribute_exists(n)")
    put(dynamodb, "5", deep={"L": [{"M": {"b": {"B": b"\x01"}}}, {"NULL": True}]})
    dynamodb.delete_item(TableName=TABLE, Key=key("3"))


def changes(streams: Any, stream_arn: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what a stream tells of its changes, without what differs from run to run."""
    told: list[tuple[str, dict[str, Any]]] = []
    passing = {"ApproximateCreationDateTime", "SequenceNumber", "SizeBytes"}

    def consume(event: dict[str, Any], _context: object) -> None:
        told.extend(
            (record["eventName"], {name: what for name, what in record["dynamodb"].items() if name not in passing})
            for record in event["Records"]
        )

    StreamPump(streams, stream_arn, consume).drain()
    return told


def test_streams_tell_the_same(engine: Engine, dynamodb: Any) -> None:
    """The same writes make the same records, in the same order."""
    arn = create_table(dynamodb)
    write_history(dynamodb)
    with closing(client("dynamodbstreams", engine)) as streams:
        on_engine = changes(streams, arn)
    with moto_cloud() as cloud:
        arn = create_table(cloud.dynamodb)
        write_history(cloud.dynamodb)
        on_moto = changes(cloud.streams, arn)
    # the order of a set and, within a transaction, of its items is the engine's own
    assert sorted(map(repr, map(in_order, on_moto))) == sorted(map(repr, map(in_order, on_engine)))
    assert [name for name, _told in on_moto] == [name for name, _told in on_engine]


def in_order(told: Any) -> Any:
    """Sort what has no order of its own."""
    if isinstance(told, dict):
        return {
            name: sorted(held) if name in {"SS", "NS", "BS"} else in_order(held) for name, held in sorted(told.items())
        }
    return [in_order(held) for held in told] if isinstance(told, list | tuple) else told


def test_pump_sets_a_poison_record_aside(engine: Engine, dynamodb: Any) -> None:
    """All other records of the batch are delivered, in order."""
    arn = create_table(dynamodb)
    for name in "abcde":
        put(dynamodb, name)
    seen: list[str] = []
    letters: list[dict[str, Any]] = []

    def consume(event: dict[str, Any], _context: object) -> None:
        names = [record["dynamodb"]["Keys"]["sk"]["S"] for record in event["Records"]]
        if "c" in names:
            raise ValueError("poison")
        seen.extend(names)

    with closing(client("dynamodbstreams", engine)) as streams:
        pump = StreamPump(
            streams,
            arn,
            consume,
            poisoned=letters.append,
            delivery=Delivery(max_attempts=2),
            clock=FrozenClock(),
        )
        assert pump.drain() == 5
    assert seen == list("abde")
    assert [letter["DDBStreamBatchInfo"]["batchSize"] for letter in letters] == [1]


def test_pump_tells_removal_by_time_to_live_as_aws_does(engine: Engine, dynamodb: Any) -> None:
    """What DynamoDB Local deletes by itself comes as a REMOVE by the service, with the old image."""
    arn = create_table(dynamodb)
    clock = SystemClock()
    # an item that is not in the index DynamoDB Local (3.3.1) never deletes
    put(dynamodb, "old", ttl=int(clock.now().timestamp()) - 10, topic="tea")
    records: list[dict[str, Any]] = []

    def consume(event: dict[str, Any], _context: object) -> None:
        records.extend(event["Records"])

    with closing(client("dynamodbstreams", engine)) as streams:
        pump = StreamPump(streams, arn, consume)
        for _second in range(TTL_PATIENCE_S):
            pump.drain()
            if len(records) > 1:
                break
            clock.sleep(1)
    inserted, removed = records
    assert (inserted["eventName"], removed["eventName"]) == ("INSERT", "REMOVE")
    assert removed["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert removed["dynamodb"]["OldImage"] == inserted["dynamodb"]["NewImage"]
