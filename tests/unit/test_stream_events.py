"""Events are those of AWS, whatever engine the records come from."""

from datetime import UTC, datetime
from typing import Any

from ricordo.local.gateway import LambdaContext
from ricordo.local.stream_events import lambda_event, poison_letter

ARN = "arn:aws:dynamodb:ddblocal:000000000000:table/notes/stream/1"
AT = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)


def a_record(**changes: Any) -> dict[str, Any]:
    """Return a record as the API gives it."""
    return {
        "eventID": "1",
        "eventName": "REMOVE",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "ddblocal",
        "dynamodb": {"SequenceNumber": "7", "ApproximateCreationDateTime": AT, "Keys": {"pk": {"S": "p"}}},
        **changes,
    }


def test_removal_by_dynamodb_local_is_told_as_aws_tells_it() -> None:
    """DynamoDB Local's name for what its TTL removes becomes REMOVE by the service."""
    event = lambda_event([a_record(eventName="UNKNOWN_TO_SDK_VERSION")], ARN)
    (record,) = event["Records"]
    assert record["eventName"] == "REMOVE"
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def test_removal_by_a_caller_names_nobody() -> None:
    """Without an identity in the record there is none in the event."""
    (record,) = lambda_event([a_record()], ARN)["Records"]
    assert "userIdentity" not in record
    assert record["dynamodb"]["ApproximateCreationDateTime"] == AT.timestamp()


def test_letter_says_where_a_record_stands() -> None:
    """It has the fields of AWS's on-failure message, and nothing of what the record says."""
    context = LambdaContext("index_handler")
    letter = poison_letter(a_record(), context, shard_id="shard-1", stream_arn=ARN, attempts=5, at=AT)
    assert letter == {
        "requestContext": {
            "requestId": context.aws_request_id,
            "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:index_handler",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 5,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2026-03-09T12:00:00.000Z",
        "DDBStreamBatchInfo": {
            "shardId": "shard-1",
            "startSequenceNumber": "7",
            "endSequenceNumber": "7",
            "approximateArrivalOfFirstRecord": "2026-03-09T12:00:00Z",
            "approximateArrivalOfLastRecord": "2026-03-09T12:00:00Z",
            "batchSize": 1,
            "streamArn": ARN,
        },
    }
