"""What an event source mapping makes of a DynamoDB stream: events for Lambda, and letters about what it gave up.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html and, for the letters,
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ricordo.local.gateway import LambdaContext
from ricordo.local.stream_shards import Record

_TTL_SERVICE = {"principalId": "dynamodb.amazonaws.com", "type": "Service"}
_UNNAMED = "UNKNOWN_TO_SDK_VERSION"


def lambda_event(records: Sequence[Record], stream_arn: str) -> dict[str, Any]:
    """Build the event of a batch; it is JSON."""
    return {"Records": [_lambda_record(record, stream_arn) for record in records]}


def _lambda_record(record: Record, stream_arn: str) -> dict[str, Any]:
    told = dict(record["dynamodb"])
    created = told.pop("ApproximateCreationDateTime", None)
    if isinstance(created, datetime):
        told["ApproximateCreationDateTime"] = created.timestamp()
    for image in ("Keys", "NewImage", "OldImage"):
        if image in told:
            told[image] = _as_text(told[image])
    event_name, identity = _event_name(record)
    return {
        "eventID": record["eventID"],
        "eventName": event_name,
        "eventVersion": record["eventVersion"],
        "eventSource": record["eventSource"],
        "awsRegion": record["awsRegion"],
        "dynamodb": told,
        "eventSourceARN": stream_arn,
        **({"userIdentity": identity} if identity else {}),
    }


def _event_name(record: Record) -> tuple[str, Mapping[str, str] | None]:
    """Return what happened and, where the table itself did it, who that is."""
    identity = record.get("userIdentity")
    if identity:
        return record["eventName"], {"principalId": identity["PrincipalId"], "type": identity["Type"]}
    # DynamoDB Local (3.3.1) records what its TTL removes under this name and without an identity; passed on as AWS
    # documents such a removal.
    if record["eventName"] == _UNNAMED:
        return "REMOVE", _TTL_SERVICE
    return record["eventName"], None


def _as_text(value: Any) -> Any:
    """Write binary as base64, however deep it lies."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {name: _as_text(held) for name, held in value.items()}
    if isinstance(value, list | tuple | set):
        return [_as_text(held) for held in value]
    return value


def sequence_number(record: Record) -> str:
    """Return what names a record within its shard."""
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


def poison_letter(
    record: Record, context: LambdaContext, *, shard_id: str, stream_arn: str, attempts: int, at: datetime
) -> dict[str, Any]:
    """Build what AWS sends to an on-failure queue: where the record stands in the stream, not what it says."""
    arrival = _moment(record["dynamodb"].get("ApproximateCreationDateTime", at), "seconds")
    return {
        "requestContext": {
            "requestId": context.aws_request_id,
            "functionArn": context.invoked_function_arn,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": attempts,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": _moment(at, "milliseconds"),
        "DDBStreamBatchInfo": {
            "shardId": shard_id,
            "startSequenceNumber": sequence_number(record),
            "endSequenceNumber": sequence_number(record),
            "approximateArrivalOfFirstRecord": arrival,
            "approximateArrivalOfLastRecord": arrival,
            "batchSize": 1,
            "streamArn": stream_arn,
        },
    }


def _moment(at: datetime, precision: str) -> str:
    return at.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")
