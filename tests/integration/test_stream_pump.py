"""The pump hands a real stream (moto's, repaired) to a handler as Lambda would."""

import json
import time
from collections.abc import Iterator

import pytest
from support.aws_guard import inject, recorded_calls
from support.dynamodb_repairs import sweep_ttl
from support.moto_cloud import REGION, moto_cloud
from support.small_table import TABLE, create_table, key, note, put
from support.stream_stage import Consumer, Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    """An empty table with a stream."""
    with moto_cloud() as cloud:
        yield Stage(cloud, create_table(cloud.dynamodb))


def test_delivers_everything_in_order_and_in_batches(stage: Stage) -> None:
    """Records come once each, in the order of the writes, as many together as a batch holds."""
    consumer = Consumer()
    pump = stage.pump(consumer)
    stage.put(*"abcdefghij")
    assert pump.pump_once() == 4
    assert pump.drain() == 6
    assert consumer.batches == [list("abcd"), list("efgh"), list("ij")]
    assert (pump.pump_once(), pump.drain()) == (0, 0)
    stage.put("k")
    assert pump.drain() == 1
    assert consumer.batches[3:] == [["k"]]


def test_event_has_the_shape_lambda_gives_it(stage: Stage) -> None:
    """Keys, images, numbers and binary are as in an event source mapping's event, and all of it is JSON."""
    consumer = Consumer()
    put(stage.cloud.dynamodb, "1", n=7, body=b"\x00\xff", deep={"L": [{"M": {"b": {"B": b"\x01"}}}]})
    put(stage.cloud.dynamodb, "1", n=8, tags={"BS": [b"\x02"]})
    assert stage.pump(consumer).drain() == 2
    inserted, modified = consumer.events[0]["Records"]
    first = {
        **key("1"),
        "n": {"N": "7"},
        "body": {"B": "AP8="},
        "deep": {"L": [{"M": {"b": {"B": "AQ=="}}}]},
    }
    told = inserted.pop("dynamodb")
    assert len(inserted.pop("eventID")) == 32
    assert inserted == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "eventSourceARN": stage.stream_arn,
    }
    assert abs(told.pop("ApproximateCreationDateTime") - time.time()) < 60
    assert told.pop("SequenceNumber").isdigit()
    assert told.pop("SizeBytes") > 0
    assert told == {"Keys": key("1"), "NewImage": first, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert modified["eventName"] == "MODIFY"
    assert modified["dynamodb"]["OldImage"] == first
    assert modified["dynamodb"]["NewImage"] == {**key("1"), "n": {"N": "8"}, "tags": {"BS": ["Ag=="]}}
    assert json.loads(json.dumps(consumer.events)) == consumer.events


def test_duplicates_do_no_harm_to_a_consumer_that_keeps_the_newest(stage: Stage) -> None:
    """A pump made anew delivers the stream once more, and what was known stays as it was."""
    consumer = Consumer()
    stage.put("a", "b")
    stage.cloud.dynamodb.delete_item(TableName=TABLE, Key=key("a"))
    assert stage.pump(consumer).drain() == 3
    known = dict(consumer.seen)
    assert stage.pump(consumer).drain() == 3
    assert (consumer.seen, known) == (known, {"a": "REMOVE", "b": "INSERT"})


def test_latest_begins_where_it_is_made(stage: Stage) -> None:
    """What was written before is not delivered, what is written after it is, before or after the first look."""
    stage.put("before")
    consumer = Consumer()
    pump = stage.pump(consumer, start="LATEST")
    stage.put("after")
    assert (pump.drain(), consumer.batches) == (1, [["after"]])


def test_expired_iterator_is_opened_where_it_was(stage: Stage) -> None:
    """Reading goes on behind the last record that is done."""
    consumer = Consumer()
    pump = stage.pump(consumer)
    stage.put("a")
    pump.drain()
    stage.put("b")
    with inject("GetRecords", "ExpiredIteratorException"), recorded_calls(stage.cloud.streams) as calls:
        assert pump.drain() == 1
    assert consumer.batches == [["a"], ["b"]]
    opened = [call.params["ShardIteratorType"] for call in calls if call.operation == "GetShardIterator"]
    assert opened == ["AFTER_SEQUENCE_NUMBER"]


def test_trimmed_stream_is_read_from_what_is_left(stage: Stage) -> None:
    """A position older than the stream's memory leads to its oldest record, not to a standstill."""
    consumer = Consumer()
    pump = stage.pump(consumer)
    stage.put("a")
    pump.drain()
    with inject("GetRecords", "TrimmedDataAccessException"):
        assert pump.drain() == 1
    assert consumer.batches == [["a"], ["a"]]


def test_removal_by_time_to_live_names_the_service(stage: Stage) -> None:
    """The record of an expired item carries who removed it and what it was; a caller's removal does not."""
    put(stage.cloud.dynamodb, "old", ttl=int(time.time()) - 1)
    put(stage.cloud.dynamodb, "new")
    sweep_ttl()
    stage.cloud.dynamodb.delete_item(TableName=TABLE, Key=key("new"))
    consumer = Consumer()
    stage.pump(consumer).drain()
    expired, deleted = consumer.events[0]["Records"][2:]
    assert (expired["eventName"], deleted["eventName"]) == ("REMOVE", "REMOVE")
    assert expired["userIdentity"] == {"principalId": "dynamodb.amazonaws.com", "type": "Service"}
    assert expired["dynamodb"]["OldImage"].keys() == note("old", ttl=1).keys()
    assert "NewImage" not in expired["dynamodb"]
    assert "userIdentity" not in deleted


def test_handler_that_feeds_itself_is_found_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that writes for every record would drain for ever; it is stopped."""
    monkeypatch.setattr("ricordo.local.stream_pump._DRAIN_PASSES", 10)
    consumer = Consumer(lambda names: stage.put(names[0] + "'"))
    stage.put("a")
    with pytest.raises(RuntimeError, match="does not end"):
        stage.pump(consumer).drain()
