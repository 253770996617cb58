"""What the pump does with records that fail, on a real stream (moto's, repaired)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.moto_cloud import moto_cloud
from support.small_table import create_table, key
from support.stream_stage import ATTEMPTS, Consumer, Stage

from ricordo.local.stream_pump import Delivery


@pytest.fixture
def stage() -> Iterator[Stage]:
    """An empty table with a stream."""
    with moto_cloud() as cloud:
        yield Stage(cloud, create_table(cloud.dynamodb))


def fails_on(*names: str) -> Callable[[list[str]], Any]:
    """Raise while a batch holds one of these."""

    def answer(batch: list[str]) -> None:
        if set(names) & set(batch):
            raise ValueError("cannot")

    return answer


def test_named_failure_is_retried_with_what_follows(stage: Stage) -> None:
    """From the lowest failure on, in order and after a pause; what came before is done."""
    failures = [{"c", "d"}, {"c"}, set[str]()]
    consumer = Consumer(lambda _names: failures.pop(0) if failures else None)
    pump = stage.pump(consumer)
    stage.put(*"abcde")
    assert pump.pump_once() == 2
    assert pump.pump_once() == 0
    started = stage.clock.now()
    assert pump.drain() == 3
    assert consumer.batches == [list("abcd"), list("cd"), list("cd"), ["e"]]
    assert (stage.clock.now() - started).total_seconds() == pytest.approx(0.2 + 0.4)
    assert stage.letters == []


def test_named_poison_is_set_aside_alone(stage: Stage) -> None:
    """A record that is named each time is given up after its attempts, and those behind it are delivered."""
    consumer = Consumer(lambda names: {"b"} & set(names))
    stage.put(*"abcd")
    assert stage.pump(consumer).drain() == 4
    assert consumer.batches == [list("abcd"), list("bcd"), list("bcd"), list("cd")]
    (letter,) = stage.letters
    batch = letter["DDBStreamBatchInfo"]
    assert letter["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert letter["requestContext"]["approximateInvokeCount"] == ATTEMPTS
    assert (batch["batchSize"], batch["streamArn"]) == (1, stage.stream_arn)
    assert record_of(stage, batch)["dynamodb"]["Keys"] == key("b")


def record_of(stage: Stage, batch: dict[str, Any]) -> dict[str, Any]:
    """Find the record a letter speaks of, as its reader would."""
    iterator = stage.cloud.streams.get_shard_iterator(
        StreamArn=batch["streamArn"],
        ShardId=batch["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=batch["startSequenceNumber"],
    )["ShardIterator"]
    record: dict[str, Any] = stage.cloud.streams.get_records(ShardIterator=iterator, Limit=1)["Records"][0]
    return record


def test_raising_handler_has_its_batch_halved(stage: Stage) -> None:
    """The fault is narrowed down to one record, which alone is set aside; all others are delivered."""
    consumer = Consumer(fails_on("c"))
    stage.put(*"abcdef")
    assert stage.pump(consumer).drain() == 6
    assert consumer.batches == [list("abcd"), list("ab"), list("cd"), ["c"], ["c"], ["c"], ["d"], list("ef")]
    assert sorted(consumer.seen) == list("abdef")
    assert [record_of(stage, letter["DDBStreamBatchInfo"])["dynamodb"]["Keys"] for letter in stage.letters] == [
        key("c")
    ]


def test_passing_fault_loses_nothing(stage: Stage) -> None:
    """A handler that recovers within the attempts gets every record, and nothing is set aside."""
    faults = [ValueError("down")] * 4

    def answer(_names: list[str]) -> None:
        if faults:
            raise faults.pop()

    consumer = Consumer(answer)
    stage.put(*"abcd")
    assert stage.pump(consumer).drain() == 4
    assert (sorted(consumer.seen), stage.letters) == (list("abcd"), [])


def test_endless_attempts_wait_longer_and_longer(stage: Stage) -> None:
    """With no bound a record is never set aside, and pauses grow up to their bound."""
    consumer = Consumer(set)
    delivery = Delivery(max_attempts=None, first_pause_s=1.0, longest_pause_s=5.0)
    pump = stage.pump(consumer, delivery=delivery)
    stage.put("a")
    pauses = []
    for _turn in range(5):
        waited = 0
        while len(consumer.batches) == len(pauses):
            pump.pump_once()
            stage.clock.advance(1.0)
            waited += 1
        pauses.append(waited)
    assert pauses == [1, 1, 2, 4, 5]
    consumer.answer = lambda _names: None
    assert (pump.drain(), stage.letters) == (1, [])


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"identifier": "1"}]},
        {"batchItemFailures": ["1"]},
    ],
)
def test_unreadable_answer_fails_the_batch(stage: Stage, answer: Any) -> None:
    """An answer that names no record of the batch is a failure of all of it."""
    answers = [answer, None, None]
    consumer = Consumer(lambda _names: answers.pop(0))
    stage.put("a", "b")
    assert stage.pump(consumer).drain() == 2
    assert consumer.batches == [["a", "b"], ["a"], ["b"]]


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_empty_answer_is_success(stage: Stage, answer: Any) -> None:
    """No failures named is no failure."""
    stage.put("a", "b")
    consumer = Consumer(lambda _names: answer)
    assert (stage.pump(consumer).drain(), len(consumer.batches)) == (2, 1)


def test_record_stays_while_it_cannot_be_set_aside(stage: Stage) -> None:
    """When the letter cannot be sent the record is neither lost nor skipped."""
    letters: list[dict[str, Any]] = []
    down = [OSError("queue down")]

    def send(letter: dict[str, Any]) -> None:
        if down:
            raise down.pop()
        letters.append(letter)

    pump = stage.pump(Consumer(fails_on("a")), poisoned=send)
    stage.put("a", "b")
    with pytest.raises(OSError, match="queue down"):
        pump.drain()
    assert pump.drain() == 2
    assert len(letters) == 1


def test_interrupted_batch_is_delivered_when_the_pump_goes_on(stage: Stage) -> None:
    """What ends the handler and is no error of its own leaves the batch where it is."""
    ends: list[BaseException] = [KeyboardInterrupt()]

    def answer(_names: list[str]) -> None:
        if ends:
            raise ends.pop()

    consumer = Consumer(answer)
    pump = stage.pump(consumer)
    stage.put("a", "b")
    with pytest.raises(KeyboardInterrupt):
        pump.drain()
    assert (pump.drain(), consumer.batches) == (2, [["a", "b"], ["a", "b"]])
