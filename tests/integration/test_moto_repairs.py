"""One test a repair of moto's DynamoDB: each fails when what the repair reaches for has moved."""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import moto.core.responses
import pytest
from botocore.exceptions import ClientError
from moto.dynamodb.models.table import Table
from support import dynamodb_repairs
from support.aws_guard import unguarded
from support.dynamodb_repairs import request_tokens, sweep_ttl
from support.moto_cloud import REGION, MotoCloud, moto_cloud
from support.small_table import (
    INDEX,
    TABLE,
    add_action,
    code_of,
    create_table,
    key,
    note,
    number,
    open_stream,
    put,
    put_action,
    read,
    records,
    transact,
)

THREADS = 8
ROUNDS = 25
FAILING = {
    "ConditionCheck": {"TableName": TABLE, "Key": key("absent"), "ConditionExpression": "attribute_exists(pk)"},
}


@pytest.fixture
def cloud() -> Iterator[MotoCloud]:
    """An account with the small table; requests that AWS would refuse reach moto."""
    with moto_cloud() as opened, unguarded():
        create_table(opened.dynamodb)
        yield opened


@pytest.fixture
def restless_threads() -> Iterator[None]:
    """Have threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def topic(cloud: MotoCloud, name: str, **query: Any) -> list[str]:
    """Return the sort keys the index has under a topic."""
    found = cloud.dynamodb.query(
        TableName=TABLE,
        IndexName=INDEX,
        KeyConditionExpression="topic = :topic",
        ExpressionAttributeValues={":topic": {"S": name}},
        **query,
    )
    return [item["sk"]["S"] for item in found["Items"]]


def test_repairs_go_with_one_version_of_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of moto is refused before anything is patched."""
    monkeypatch.setattr("moto.__version__", "5.2.6")
    with pytest.raises(RuntimeError, match=r"5\.2\.6"):
        dynamodb_repairs.install.__wrapped__()


@pytest.mark.usefixtures("restless_threads")
def test_threads_lose_no_update(cloud: MotoCloud) -> None:
    """Counters written by many threads, alone and in transactions, end at the sum."""

    def work(thread: int) -> None:
        for turn in range(ROUNDS):
            cloud.dynamodb.update_item(
                TableName=TABLE,
                Key=key("alone"),
                UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )
            transact(cloud.dynamodb, add_action("up", 1), add_action("down", -1), token=f"{thread}-{turn}")

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(work, range(THREADS)))
    total = THREADS * ROUNDS
    assert (number(cloud.dynamodb, "alone"), number(cloud.dynamodb, "up")) == (total, total)
    assert number(cloud.dynamodb, "down") == -total
    assert len(records(cloud)) == 3 * total


def test_failed_transaction_leaves_no_trace(cloud: MotoCloud) -> None:
    """No item, no stream record and no index entry of it remains, and readers of the stream go on."""
    put(cloud.dynamodb, "old", topic="tea", n=1)
    iterator = open_stream(cloud)
    actions = [put_action("new", topic="tea"), put_action("old", topic="coffee"), add_action("n", 1), FAILING]
    with pytest.raises(ClientError) as caught:
        transact(cloud.dynamodb, *actions)
    assert code_of(caught) == "TransactionCanceledException"
    reasons = [reason["Code"] for reason in caught.value.response["CancellationReasons"]]
    assert reasons == ["None", "None", "None", "ConditionalCheckFailed"]
    assert (read(cloud.dynamodb, "new"), read(cloud.dynamodb, "n")) == (None, None)
    assert read(cloud.dynamodb, "old") == note("old", topic="tea", n=1)
    assert (topic(cloud, "tea"), topic(cloud, "coffee")) == (["old"], [])
    put(cloud.dynamodb, "later")
    told = cloud.streams.get_records(ShardIterator=iterator)["Records"]
    assert [record["dynamodb"]["Keys"]["sk"]["S"] for record in told] == ["old", "later"]


def test_failed_transaction_copies_no_table(cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction costs what it touches, not what the table holds."""

    def refuse(_table: Table, _memo: object) -> Table:
        raise AssertionError("a table was copied")

    monkeypatch.setattr(Table, "__deepcopy__", refuse, raising=False)
    transact(cloud.dynamodb, put_action("new"))
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        transact(cloud.dynamodb, put_action("newer"), FAILING, token="another")


def test_token_makes_a_transaction_happen_once(cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its repetition has no effect for ten minutes, another transaction under it is refused."""
    transact(cloud.dynamodb, add_action("n", 1))
    transact(cloud.dynamodb, add_action("n", 1))
    assert number(cloud.dynamodb, "n") == 1
    with pytest.raises(ClientError) as caught:
        transact(cloud.dynamodb, add_action("n", 2))
    assert code_of(caught) == "IdempotentParameterMismatchException"
    later = time.time() + request_tokens.MEMORY_S
    monkeypatch.setattr(request_tokens, "now", lambda: later)
    transact(cloud.dynamodb, add_action("n", 1))
    assert number(cloud.dynamodb, "n") == 2


def test_token_of_a_failed_transaction_is_free(cloud: MotoCloud) -> None:
    """A transaction that failed may succeed under the same token."""
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        transact(cloud.dynamodb, put_action("new"), FAILING)
    put(cloud.dynamodb, "absent")
    transact(cloud.dynamodb, put_action("new"), FAILING)
    assert read(cloud.dynamodb, "new") is not None


def test_query_looks_at_its_partition_only(cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Moto's loops are given the items of the partition, of the table or an index, and no others."""
    for number_ in range(20):
        put(cloud.dynamodb, f"{number_:02}", pk=f"p{number_ % 4}", topic=f"t{number_ % 10}")
    seen: list[int] = []
    all_items = Table.all_items

    def counted(table: Table) -> list[Any]:
        items: list[Any] = all_items(table)
        seen.append(len(items))
        return items

    monkeypatch.setattr(Table, "all_items", counted)
    found = cloud.dynamodb.query(
        TableName=TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": "p1"}}
    )
    assert [item["sk"]["S"] for item in found["Items"]] == ["01", "05", "09", "13", "17"]
    assert topic(cloud, "t3") == ["03", "13"]
    assert topic(cloud, "none") == []
    assert seen == [5, 2, 0]


def test_index_follows_every_write(cloud: MotoCloud) -> None:
    """Putting, updating, deleting, batches and transactions move items between the partitions of an index."""
    put(cloud.dynamodb, "1", topic="tea")
    put(cloud.dynamodb, "2")
    assert topic(cloud, "tea") == ["1"]
    put(cloud.dynamodb, "3", topic="tea")
    put(cloud.dynamodb, "1", topic="coffee")
    cloud.dynamodb.update_item(
        TableName=TABLE,
        Key=key("2"),
        UpdateExpression="SET topic = :topic",
        ExpressionAttributeValues={":topic": {"S": "tea"}},
    )
    assert (topic(cloud, "tea"), topic(cloud, "coffee")) == (["2", "3"], ["1"])
    cloud.dynamodb.delete_item(TableName=TABLE, Key=key("3"))
    transact(cloud.dynamodb, put_action("4", topic="tea"), {"Delete": {"TableName": TABLE, "Key": key("1")}})
    cloud.dynamodb.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": note("5", topic="tea")}}]})
    assert (topic(cloud, "tea", ScanIndexForward=False), topic(cloud, "coffee")) == (["5", "4", "2"], [])


def test_stream_tells_each_change_once(cloud: MotoCloud) -> None:
    """An update that creates is one INSERT with the whole image, an equal put is none, and binary stays binary."""
    update = {"TableName": TABLE, "Key": key("1"), "UpdateExpression": "SET body = :body"}
    cloud.dynamodb.update_item(**update, ExpressionAttributeValues={":body": {"B": b"\x00\xff"}})
    put(cloud.dynamodb, "1", body=b"\x00\xff")
    cloud.dynamodb.update_item(**update, ExpressionAttributeValues={":body": {"M": {"deep": {"B": b"\x01"}}}})
    cloud.dynamodb.delete_item(TableName=TABLE, Key=key("1"))
    cloud.dynamodb.delete_item(TableName=TABLE, Key=key("1"))
    inserted, modified, removed = records(cloud)
    deep = {"M": {"deep": {"B": b"\x01"}}}
    assert [inserted["eventName"], modified["eventName"], removed["eventName"]] == ["INSERT", "MODIFY", "REMOVE"]
    assert inserted["dynamodb"]["NewImage"] == note("1", body=b"\x00\xff")
    assert "OldImage" not in inserted["dynamodb"]
    assert modified["dynamodb"]["OldImage"] == note("1", body=b"\x00\xff")
    assert modified["dynamodb"]["NewImage"] == removed["dynamodb"]["OldImage"] == note("1", body=deep)
    assert inserted["awsRegion"] == REGION
    assert "userIdentity" not in removed
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in (inserted, modified, removed)]
    assert numbers == sorted(set(numbers))


def test_expired_items_go_when_swept(cloud: MotoCloud) -> None:
    """The sweep deletes what has expired, and its records name the service."""
    now = 2_000_000_000
    put(cloud.dynamodb, "expired", ttl=now, topic="tea")
    put(cloud.dynamodb, "alive", ttl=now + 1)
    put(cloud.dynamodb, "ancient", ttl=1)
    put(cloud.dynamodb, "text", ttl=str(now))
    assert [(table, sort.value) for table, (_partition, sort) in sweep_ttl(now)] == [(TABLE, "expired")]
    assert read(cloud.dynamodb, "expired") is None
    assert topic(cloud, "tea") == []
    removed = records(cloud)[-1]
    assert removed["eventName"] == "REMOVE"
    assert removed["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    assert removed["dynamodb"]["OldImage"] == note("expired", ttl=now, topic="tea")


def test_answers_bypass_the_general_serialiser(cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Items come back as they went, without the serialiser that takes ten milliseconds an item."""
    written = note("1", body=b"\x00", n=7, deep={"L": [{"M": {"b": {"B": b"\x01"}}}, {"NULL": True}, {"SS": ["a"]}]})

    def refuse(*_args: object) -> None:
        raise AssertionError("the serialiser was used")

    monkeypatch.setattr(moto.core.responses, "get_serializer_class", refuse)
    cloud.dynamodb.put_item(TableName=TABLE, Item=written)
    assert read(cloud.dynamodb, "1") == written
    batch = cloud.dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": [key("1"), key("2")]}})
    assert batch["Responses"][TABLE] == [written]
    scanned = cloud.dynamodb.scan(TableName=TABLE)
    assert (scanned["Items"], scanned["Count"]) == ([written], 1)
