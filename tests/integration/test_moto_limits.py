"""moto, repaired, keeps DynamoDB's limits, whoever asks it."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.aws_guard import unguarded
from support.moto_cloud import MotoCloud, moto_cloud
from support.small_table import TABLE, code_of, create_table, key, note, put, put_action, read, records, transact

ITEM_BYTES = 400 * 1024


@pytest.fixture
def cloud() -> Iterator[MotoCloud]:
    """An account with the small table; requests that AWS would refuse reach moto."""
    with moto_cloud() as opened, unguarded():
        create_table(opened.dynamodb)
        yield opened


def test_item_size_is_the_documented_one(cloud: MotoCloud) -> None:
    """An item of exactly 400 KB is taken, one byte more is not, put or updated, and an update so refused is undone."""
    body = b"x" * (ITEM_BYTES - len("pkpsk1body"))
    put(cloud.dynamodb, "1", body=body)
    with pytest.raises(ClientError, match="Item size has exceeded"):
        put(cloud.dynamodb, "1", body=body + b"x")
    with pytest.raises(ClientError, match="Item size to update has exceeded"):
        cloud.dynamodb.update_item(
            TableName=TABLE,
            Key=key("1"),
            UpdateExpression="SET b = :b",
            ExpressionAttributeValues={":b": {"BOOL": True}},
        )
    assert read(cloud.dynamodb, "1") == note("1", body=body)
    assert len(records(cloud)) == 1


def batch_of_26(cloud: MotoCloud) -> None:
    """Write one item too many."""
    cloud.dynamodb.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": note(str(n))}} for n in range(26)]})


def transaction_over_4_mb(cloud: MotoCloud) -> None:
    """Write 11 items of 390 KB together."""
    transact(cloud.dynamodb, *(put_action(str(n), body=b"x" * 390 * 1024) for n in range(11)))


def unused_value(cloud: MotoCloud) -> None:
    """Name a value that the condition does not use."""
    cloud.dynamodb.put_item(
        TableName=TABLE,
        Item=note("1"),
        ConditionExpression="attribute_not_exists(pk)",
        ExpressionAttributeValues={":v": {"S": "x"}},
    )


def index_key_of_another_type(cloud: MotoCloud) -> None:
    """Write a number where the index wants a string."""
    put(cloud.dynamodb, "1", topic=7)


@pytest.mark.parametrize(
    "request_", [batch_of_26, transaction_over_4_mb, unused_value, index_key_of_another_type], ids=lambda r: r.__name__
)
def test_forgotten_limits_are_kept(cloud: MotoCloud, request_: Any) -> None:
    """What AWS refuses is refused, and nothing of it is written."""
    with pytest.raises(ClientError) as caught:
        request_(cloud)
    assert code_of(caught) == "ValidationException"
    assert records(cloud) == []


def test_transaction_reads_a_hundred_items(cloud: MotoCloud) -> None:
    """TransactGetItems takes 100 keys, as AWS does."""
    put(cloud.dynamodb, "7")
    read_ = [{"Get": {"TableName": TABLE, "Key": key(str(n))}} for n in range(100)]
    responses = cloud.dynamodb.transact_get_items(TransactItems=read_)["Responses"]
    assert [number_ for number_, answer in enumerate(responses) if answer] == [7]
