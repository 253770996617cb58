"""A consumer of a table's stream and the stage it stands on, for tests of the pump."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from support.clocks import FrozenClock
from support.moto_cloud import MotoCloud
from support.small_table import put

from ricordo.local.stream_pump import Delivery, StreamPump

ATTEMPTS = 3


@dataclass
class Consumer:
    """A handler that remembers what it was given, and fails as `answer` says."""

    answer: Callable[[list[str]], Any] = lambda _names: None
    batches: list[list[str]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        """Consume a batch."""
        assert context.aws_request_id
        self.events.append(event)
        names = [record["dynamodb"]["Keys"]["sk"]["S"] for record in event["Records"]]
        self.batches.append(names)
        answer = self.answer(names)
        self.seen |= {record["dynamodb"]["Keys"]["sk"]["S"]: record["eventName"] for record in event["Records"]}
        if isinstance(answer, set):
            numbers = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
            failures = [number for number, name in zip(numbers, names, strict=True) if name in answer]
            return {"batchItemFailures": [{"itemIdentifier": number} for number in failures]}
        return answer


@dataclass
class Stage:
    """A table, its stream, a clock and what was set aside."""

    cloud: MotoCloud
    stream_arn: str
    clock: FrozenClock = field(default_factory=FrozenClock)
    letters: list[dict[str, Any]] = field(default_factory=list)

    def pump(self, consumer: Consumer, **options: Any) -> StreamPump:
        """Connect a consumer."""
        options.setdefault("delivery", Delivery(batch_size=4, max_attempts=ATTEMPTS))
        options.setdefault("poisoned", self.letters.append)
        return StreamPump(self.cloud.streams, self.stream_arn, consumer, clock=self.clock, **options)

    def put(self, *names: str) -> None:
        """Write items."""
        for name in names:
            put(self.cloud.dynamodb, name)
