"""Hands the table's stream to a handler the way Lambda's event source mapping does.

Batches in order; a handler that raises has its batch halved until the fault stands alone; one that names failures has
the batch retried from the first of them on; a record that keeps failing is set aside and the rest goes on. Delivery is
at least once. Sources: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ricordo.adapters.builtin.clock import SystemClock
from ricordo.local.gateway import LambdaContext
from ricordo.local.stream_events import lambda_event, poison_letter, sequence_number
from ricordo.local.stream_shards import Record, Shard, Start, StreamReader
from ricordo.ports.clock import Clock
from ricordo.runtime.observability import log_fault, logger

Handler = Callable[[dict[str, Any], Any], Any]
Poisoned = Callable[[dict[str, Any]], None]
_DRAIN_PASSES = 10_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """How records are handed over.

    Attributes:
        batch_size: Most records in an event, at most 1,000.
        max_attempts: After how many failures of its own a record is set aside; None is never.
        first_pause_s: Before the second attempt; each further pause is twice as long.
        longest_pause_s: No pause is longer.
    """

    batch_size: int = 100
    max_attempts: int | None = 5
    first_pause_s: float = 0.2
    longest_pause_s: float = 20.0

    def pause(self, attempts: int) -> timedelta:
        """Return how long to wait after so many failures."""
        return timedelta(seconds=min(self.first_pause_s * 2.0 ** min(attempts - 1, 30), self.longest_pause_s))


DELIVERY = Delivery()


@dataclass(slots=True)
class _Backlog:
    """Batches of a shard that were read and are not done, in order, and how the first record of them fares."""

    batches: list[Sequence[Record]] = field(default_factory=list)
    attempts: int = 0
    due: datetime | None = None


def log_poisoned(letter: Mapping[str, Any]) -> None:
    """Log where a record stands that is given up."""
    logger.error("record poisoned", extra=dict(letter["DDBStreamBatchInfo"]))


class StreamPump:
    """Reads a stream and calls a handler; one thread, position in memory.

    Args:
        streams: A boto3 client of `dynamodbstreams`.
        stream_arn: The stream.
        handler: Called with an event and a context as Lambda calls it.
        poisoned: Takes what AWS would send to the on-failure queue; what it raises keeps the record where it is.
        delivery: Sizes, attempts and pauses.
        start: Everything the stream still holds, or what is written after this is made.
        clock: Tells when a retry is due.
    """

    def __init__(
        self,
        streams: Any,
        stream_arn: str,
        handler: Handler,
        *,
        poisoned: Poisoned = log_poisoned,
        delivery: Delivery = DELIVERY,
        start: Start = "TRIM_HORIZON",
        clock: Clock | None = None,
    ) -> None:
        self._reader = StreamReader(streams, stream_arn, start=start)
        self._stream_arn = stream_arn
        self._handler = handler
        self._function_name = getattr(handler, "__name__", "handler")
        self._poisoned = poisoned
        self._delivery = delivery
        self._clock = clock or SystemClock()
        self._backlogs: dict[str, _Backlog] = {}

    def pump_once(self) -> int:
        """Take one batch of every shard, or retry what is due; never waits.

        Returns:
            How many records are done: delivered, or set aside.
        """
        return sum(self._pump(shard) for shard in self._reader.readable())

    def drain(self) -> int:
        """Pump, waiting for retries, until the stream holds no more; return how many records are done.

        Raises:
            RuntimeError: it never ends, as when the handler writes to the table it listens to.
        """
        done = 0
        for _pass in range(_DRAIN_PASSES):
            moved = self.pump_once()
            done += moved
            if moved or self._reader.may_have_more:
                continue
            dues = [backlog.due for backlog in self._backlogs.values() if backlog.batches and backlog.due]
            if not dues:
                return done
            self._clock.sleep(max(0.0, (min(dues) - self._clock.now()).total_seconds()))
        raise RuntimeError("The stream does not end.")

    def _pump(self, shard: Shard) -> int:
        backlog = self._backlogs.setdefault(shard.shard_id, _Backlog())
        if not backlog.batches:
            records = self._reader.read(shard, self._delivery.batch_size)
            if not records:
                return 0
            backlog.batches.append(records)
        done = 0
        while backlog.batches and (backlog.due is None or backlog.due <= self._clock.now()):
            done += self._deliver(shard, backlog)
        return done

    def _deliver(self, shard: Shard, backlog: _Backlog) -> int:
        """Hand over the first batch once; return how many records are done."""
        batch = backlog.batches[0]
        backlog.due = None
        failed = self._first_failed(batch)
        if failed is None and len(batch) > 1:
            middle = len(batch) // 2
            backlog.batches[:1] = [batch[:middle], batch[middle:]]
            return 0
        done = self._finish(shard, backlog, failed or 0)
        return done if failed == len(batch) else done + self._retry_or_set_aside(shard, backlog)

    def _retry_or_set_aside(self, shard: Shard, backlog: _Backlog) -> int:
        """Decide about the first record of the backlog, which failed; return how many records were set aside."""
        backlog.attempts += 1
        most = self._delivery.max_attempts
        if most is None or backlog.attempts < most:
            backlog.due = self._clock.now() + self._delivery.pause(backlog.attempts)
            return 0
        self._poisoned(
            poison_letter(
                backlog.batches[0][0],
                LambdaContext(self._function_name),
                shard_id=shard.shard_id,
                stream_arn=self._stream_arn,
                attempts=backlog.attempts,
                at=self._clock.now(),
            )
        )
        return self._finish(shard, backlog, 1)

    def _finish(self, shard: Shard, backlog: _Backlog, count: int) -> int:
        """Take the first records off the backlog; return how many."""
        if count:
            batch = backlog.batches[0]
            shard.after = sequence_number(batch[count - 1])
            backlog.attempts = 0
            backlog.batches[:1] = [batch[count:]] if batch[count:] else []
        return count

    def _first_failed(self, batch: Sequence[Record]) -> int | None:
        """Call the handler; return how many records from the first on are done, or None if all failed together."""
        event = json.loads(json.dumps(lambda_event(batch, self._stream_arn)))
        try:
            answer = self._handler(event, LambdaContext(self._function_name))
        except Exception as fault:  # noqa: BLE001  whatever a handler raises, Lambda retries
            log_fault("stream handler failed", fault, records=len(batch))
            return None
        return _done(answer, [sequence_number(record) for record in batch])


def _done(answer: Any, numbers: Sequence[str]) -> int | None:
    """Return how many records are done by the handler's answer, or None if it names what is not in the batch."""
    failures = answer.get("batchItemFailures") if isinstance(answer, Mapping) else None
    if not failures:
        return len(numbers)
    named = [failure.get("itemIdentifier") for failure in failures if isinstance(failure, Mapping)]
    if len(named) < len(failures) or any(number not in numbers for number in named):
        return None
    return min(numbers.index(number) for number in named)
