"""A table of two string keys with an index, a stream and a time to live, for tests of what lies beneath the stores."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.moto_cloud import MotoCloud

TOKEN = "a-transaction"
TABLE = "notes"
INDEX = "by_topic"


def create_table(dynamodb: Any) -> str:
    """Create the table; return the ARN of its stream."""
    created = dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "topic")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": INDEX,
                "KeySchema": [
                    {"AttributeName": "topic", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    dynamodb.update_time_to_live(TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    arn: str = created["TableDescription"]["LatestStreamArn"]
    return arn


def key(sk: str, pk: str = "p") -> dict[str, Any]:
    """Return a key as it goes over the wire."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def note(sk: str, pk: str = "p", **attributes: Any) -> dict[str, Any]:
    """Return an item; texts become strings, integers numbers, bytes binary, the rest is taken as it is."""
    return {**key(sk, pk), **{name: _attribute(value) for name, value in attributes.items()}}


def _attribute(value: Any) -> Any:
    match value:
        case str():
            return {"S": value}
        case bytes():
            return {"B": value}
        case int():
            return {"N": str(value)}
        case _:
            return value


def put(dynamodb: Any, sk: str, pk: str = "p", **attributes: Any) -> None:
    """Write an item."""
    dynamodb.put_item(TableName=TABLE, Item=note(sk, pk, **attributes))


def put_action(sk: str, pk: str = "p", **attributes: Any) -> dict[str, Any]:
    """Return a transaction's action that writes an item."""
    return {"Put": {"TableName": TABLE, "Item": note(sk, pk, **attributes)}}


def add_action(sk: str, amount: int) -> dict[str, Any]:
    """Return a transaction's action that adds to the number `n` of an item."""
    return {
        "Update": {
            "TableName": TABLE,
            "Key": key(sk),
            "UpdateExpression": "ADD n :amount",
            "ExpressionAttributeValues": {":amount": {"N": str(amount)}},
        }
    }


def missing_check(sk: str) -> dict[str, Any]:
    """Return a transaction's action that fails unless there is no such item."""
    condition = {"ConditionExpression": "attribute_not_exists(pk)"}
    return {"ConditionCheck": {"TableName": TABLE, "Key": key(sk), **condition}}


def read(dynamodb: Any, sk: str, pk: str = "p") -> dict[str, Any] | None:
    """Return an item, or None."""
    item: dict[str, Any] | None = dynamodb.get_item(TableName=TABLE, Key=key(sk, pk), ConsistentRead=True).get("Item")
    return item


def number(dynamodb: Any, sk: str) -> int:
    """Return the number `n` of an item."""
    return int((read(dynamodb, sk) or {})["n"]["N"])


def transact(dynamodb: Any, *actions: dict[str, Any], token: str = TOKEN) -> None:
    """Write a transaction."""
    dynamodb.transact_write_items(TransactItems=list(actions), ClientRequestToken=token)


def records(cloud: MotoCloud) -> list[dict[str, Any]]:
    """Return all records of the stream."""
    found: list[dict[str, Any]] = cloud.streams.get_records(ShardIterator=open_stream(cloud))["Records"]
    return found


def open_stream(cloud: MotoCloud) -> str:
    """Return an iterator over the whole stream."""
    arn = cloud.dynamodb.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
    shard = cloud.streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator: str = cloud.streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    return iterator


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    """Return the code of an AWS error."""
    code: str = error.value.response["Error"]["Code"]
    return code
