"""The guard refuses what AWS would refuse, records calls and gives rare answers."""

import socket
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from support.aws_guard import RefusedRequestError, inject, leave_unprocessed, recorded_calls, unguarded
from support.aws_guard.item_values import item_size
from support.dynamodb_cases import REFUSED, TAKEN, batch_get, batch_write, send, transaction, update
from support.moto_cloud import REGION, MotoCloud, moto_cloud
from support.small_table import (
    TABLE,
    add_action,
    create_table,
    key,
    note,
    number,
    put,
    read,
)


@pytest.fixture
def cloud() -> Iterator[MotoCloud]:
    """An account with the small table."""
    with moto_cloud() as opened:
        create_table(opened.dynamodb)
        yield opened


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_what_dynamodb_would_refuse(cloud: MotoCloud, name: str) -> None:
    """The request is stopped in the client, before any backend could take it."""
    with pytest.raises(RefusedRequestError):
        send(cloud.dynamodb, REFUSED[name])


@pytest.mark.parametrize("name", TAKEN)
def test_takes_what_dynamodb_takes(cloud: MotoCloud, name: str) -> None:
    """What is just within a limit passes, and moto takes it too."""
    send(cloud.dynamodb, TAKEN[name])


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ({"text": "é"}, 6),
        ({"n": 100}, 3),
        ({"n": -123}, 5),
        ({"b": b"abc"}, 4),
        ({"yes": {"BOOL": True}}, 4),
        ({"m": {"M": {}}}, 4),
        ({"m": {"M": {"ab": {"S": "cd"}}}}, 9),
        ({"l": {"L": [{"S": "ab"}, {"NULL": True}]}}, 9),
        ({"s": {"SS": ["ab", "c"]}}, 4),
    ],
)
def test_sizes_are_the_documented_ones(attributes: dict[str, Any], size: int) -> None:
    """Names count, containers cost three bytes and one an element, numbers half a byte a digit."""
    assert item_size(note("1", **attributes)) - item_size(key("1")) == size


def send_batch(*entries: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a SendMessageBatch."""
    return "send_message_batch", {"Entries": list(entries)}


QUEUE_REFUSED = {
    "11 entries": send_batch(*({"Id": str(n), "MessageBody": "x"} for n in range(11))),
    "equal ids": send_batch({"Id": "1", "MessageBody": "x"}, {"Id": "1", "MessageBody": "y"}),
    "id with a space": send_batch({"Id": "a b", "MessageBody": "x"}),
    "long id": send_batch({"Id": "i" * 81, "MessageBody": "x"}),
    "batch over 1 MiB": send_batch(*({"Id": str(n), "MessageBody": "x" * 600_000} for n in range(2))),
    "message over 1 MiB": ("send_message", {"MessageBody": "x" * (1024**2 + 1)}),
    "empty message": ("send_message", {"MessageBody": ""}),
    "control character": ("send_message", {"MessageBody": "a\x00b"}),
    "delay over 15 minutes": ("send_message", {"MessageBody": "x", "DelaySeconds": 901}),
    "11 attributes": (
        "send_message",
        {
            "MessageBody": "x",
            "MessageAttributes": {str(n): {"DataType": "String", "StringValue": "x"} for n in range(11)},
        },
    ),
    "11 messages asked for": ("receive_message", {"MaxNumberOfMessages": 11}),
    "21 seconds of waiting": ("receive_message", {"WaitTimeSeconds": 21}),
}


@pytest.mark.parametrize("name", QUEUE_REFUSED)
def test_refuses_what_sqs_would_refuse(cloud: MotoCloud, name: str) -> None:
    """Queues have limits too."""
    url = cloud.sqs.create_queue(QueueName="letters")["QueueUrl"]
    operation, request = QUEUE_REFUSED[name]
    with pytest.raises(RefusedRequestError):
        getattr(cloud.sqs, operation)(QueueUrl=url, **request)


def test_queue_takes_what_is_legal(cloud: MotoCloud) -> None:
    """Ten entries go, and come back."""
    url = cloud.sqs.create_queue(QueueName="letters")["QueueUrl"]
    _operation, batch = send_batch(*({"Id": str(n), "MessageBody": "é\n😀"} for n in range(10)))
    assert len(cloud.sqs.send_message_batch(QueueUrl=url, **batch)["Successful"]) == 10
    assert len(cloud.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]) == 10


def test_guards_clients_made_before_it_and_by_others(cloud: MotoCloud) -> None:
    """Whoever makes a client, and with which session, it is guarded."""
    other = boto3.session.Session(region_name=REGION).client("dynamodb")
    with pytest.raises(RefusedRequestError):
        other.put_item(TableName=TABLE, Item=note(""))
    with unguarded(), pytest.raises(ClientError):
        cloud.dynamodb.put_item(TableName=TABLE, Item=note(""))


def test_nothing_leaves_this_machine() -> None:
    """Outside the cloud, or to a service moto does not answer for, a request is refused before a name is looked up."""
    session = boto3.session.Session("testing", "testing", region_name=REGION)
    with moto_cloud(), pytest.raises(RefusedRequestError, match="leave this machine"):
        session.client("s3", endpoint_url="https://storage.example.com").list_buckets()
    with pytest.raises(RefusedRequestError, match=r"dynamodb.*amazonaws\.com"):
        session.client("dynamodb").list_tables()


def test_a_port_of_this_machine_is_reachable() -> None:
    """An engine on 127.0.0.1 is asked, guard or not."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    client = boto3.session.Session("testing", "testing", region_name=REGION).client(
        "dynamodb",
        endpoint_url=f"http://127.0.0.1:{port}",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with pytest.raises(EndpointConnectionError):
        client.list_tables()


def test_records_calls(cloud: MotoCloud) -> None:
    """Calls are listed in order with what was asked, of all clients or of one."""
    with recorded_calls() as calls, recorded_calls(cloud.sqs) as of_queues:
        read(cloud.dynamodb, "1")
        put(cloud.dynamodb, "1")
        cloud.sqs.list_queues()
    read(cloud.dynamodb, "1")
    assert [(call.service, call.operation) for call in calls] == [
        ("dynamodb", "GetItem"),
        ("dynamodb", "PutItem"),
        ("sqs", "ListQueues"),
    ]
    assert calls[0].params == {"TableName": TABLE, "Key": key("1"), "ConsistentRead": True}
    assert [call.operation for call in of_queues] == ["ListQueues"]


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError"]
)
def test_injected_errors_meet_the_retries_of_the_client(cloud: MotoCloud, code: str) -> None:
    """Two errors are retried and not seen, a call counts once, and the write happens once."""
    with recorded_calls() as calls, inject("UpdateItem", code, times=2) as injected:
        operation, request = update("ADD n :one", {":one": {"N": "1"}})
        answer = getattr(cloud.dynamodb, operation)(**request)
    assert (answer["ResponseMetadata"]["RetryAttempts"], injected.given, len(calls)) == (2, 2, 1)
    assert number(cloud.dynamodb, "1") == 1


def test_injected_conflict_names_its_reasons_and_has_no_effect(cloud: MotoCloud) -> None:
    """A cancelled transaction tells a reason an action, writes nothing, and the next one goes through."""
    _operation, request = transaction(add_action("1", 1), add_action("2", 1))
    reasons = ("None", "TransactionConflict")
    with inject("TransactWriteItems", "TransactionCanceledException", reasons=reasons):
        with pytest.raises(cloud.dynamodb.exceptions.TransactionCanceledException) as caught:
            cloud.dynamodb.transact_write_items(**request)
        assert tuple(reason["Code"] for reason in caught.value.response["CancellationReasons"]) == reasons
        assert read(cloud.dynamodb, "1") is None
        cloud.dynamodb.transact_write_items(**request)
    assert number(cloud.dynamodb, "1") == 1


def test_lost_answer_leaves_the_effect(cloud: MotoCloud) -> None:
    """The client retries what has happened already; under one token it happens once."""
    _operation, request = transaction(add_action("1", 1))
    with inject("TransactWriteItems", "InternalServerError", after_effect=True) as injected:
        cloud.dynamodb.transact_write_items(**request)
    assert (injected.given, number(cloud.dynamodb, "1")) == (1, 1)


def test_partial_batches_name_the_rest(cloud: MotoCloud) -> None:
    """What is left unprocessed is neither written nor read, and comes back in the form it can be sent again."""
    _operation, request = batch_write(*(note(str(n)) for n in range(5)))
    with leave_unprocessed("BatchWriteItem", done=2):
        rest = cloud.dynamodb.batch_write_item(**request)["UnprocessedItems"]
        assert rest == {TABLE: request["RequestItems"][TABLE][2:]}
        assert (read(cloud.dynamodb, "1"), read(cloud.dynamodb, "2")) == (note("1"), None)
        assert cloud.dynamodb.batch_write_item(RequestItems=rest)["UnprocessedItems"] == {}
    _operation, request = batch_get(*(key(str(n)) for n in range(5)))
    with leave_unprocessed("BatchGetItem", done=3):
        answer = cloud.dynamodb.batch_get_item(**request)
    assert [item["sk"]["S"] for item in answer["Responses"][TABLE]] == ["0", "1", "2"]
    assert answer["UnprocessedKeys"] == {TABLE: {"Keys": [key("3"), key("4")]}}
