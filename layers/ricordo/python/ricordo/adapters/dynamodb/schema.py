"""The table as `create_table` and the deployment make it."""

from typing import Any

INDEXES = ("gsi1", "gsi2")
TTL_ATTRIBUTE = "ttl"


def table_definition(name: str) -> dict[str, Any]:
    """Return the parameters of CreateTable: on demand, two key-only indexes, a stream with both images."""
    indexes = [
        {
            "IndexName": index,
            "KeySchema": _key_schema(f"{index}pk", f"{index}sk"),
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
        for index in INDEXES
    ]
    attributes = ["pk", "sk", *(f"{index}{part}" for index in INDEXES for part in ("pk", "sk"))]
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _key_schema("pk", "sk"),
        "AttributeDefinitions": [{"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes],
        "GlobalSecondaryIndexes": indexes,
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    }


def time_to_live(name: str) -> dict[str, Any]:
    """Return the parameters of UpdateTimeToLive."""
    return {"TableName": name, "TimeToLiveSpecification": {"Enabled": True, "AttributeName": TTL_ATTRIBUTE}}


def _key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
