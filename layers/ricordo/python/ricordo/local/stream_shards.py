"""Reading a DynamoDB stream shard by shard, a shard after its parent, from wherever it was left.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html (shards and their lineage) and
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html (what becomes of iterators).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ricordo.runtime.observability import logger

Start = Literal["TRIM_HORIZON", "LATEST"]
Record = Mapping[str, Any]
_REOPENINGS = 2


@dataclass(slots=True)
class Shard:
    """One shard and how far it is read.

    Attributes:
        start: Where to begin while no record of it is done.
        after: Sequence number of the last record that is done.
        has_ended: Its last record was read.
        is_exhausted: Its last record is done, so that its children may be read.
    """

    shard_id: str
    parent_id: str | None
    start: Start = "TRIM_HORIZON"
    after: str | None = None
    iterator: str | None = None
    has_ended: bool = False
    is_exhausted: bool = False


class StreamReader:
    """Reads a stream; the position lives in memory and is taken when this is made.

    Args:
        streams: A boto3 client of `dynamodbstreams`.
        stream_arn: The stream.
        start: Everything the stream still holds, or what is written from now on.
    """

    def __init__(self, streams: Any, stream_arn: str, *, start: Start) -> None:
        self._streams = streams
        self._stream_arn = stream_arn
        self._shards: dict[str, Shard] = {}
        self._is_known = False
        if start == "LATEST":
            for described in self._described():
                self._skip(described)

    def readable(self) -> list[Shard]:
        """Return the shards to read next: those whose parents are exhausted, or gone."""
        if not self._is_known:
            self._discover()
        return [
            shard
            for shard in self._shards.values()
            if not shard.is_exhausted
            and (shard.parent_id not in self._shards or self._shards[shard.parent_id].is_exhausted)
        ]

    @property
    def may_have_more(self) -> bool:
        """Whether a shard was exhausted since shards were last looked for."""
        return not self._is_known

    def read(self, shard: Shard, limit: int) -> list[Record]:
        """Return the next records of a shard; call it when those returned before are done."""
        if shard.has_ended:
            shard.is_exhausted = True
            self._is_known = False
            return []
        answer = self._next_records(shard, limit)
        shard.iterator = answer.get("NextShardIterator")
        shard.has_ended = shard.iterator is None
        records: list[Record] = answer["Records"]
        return records

    def _described(self) -> Iterator[Mapping[str, Any]]:
        page: dict[str, str] = {}
        while True:
            stream = self._streams.describe_stream(StreamArn=self._stream_arn, **page)["StreamDescription"]
            yield from stream["Shards"]
            if "LastEvaluatedShardId" not in stream:
                return
            page = {"ExclusiveStartShardId": stream["LastEvaluatedShardId"]}

    def _discover(self) -> None:
        """Look for shards; those that are gone are forgotten."""
        described = {shard["ShardId"]: shard.get("ParentShardId") for shard in self._described()}
        self._shards = {name: self._shards.get(name, Shard(name, parent)) for name, parent in described.items()}
        self._is_known = True

    def _skip(self, described: Mapping[str, Any]) -> None:
        """Stand at the end of a shard."""
        shard = Shard(described["ShardId"], described.get("ParentShardId"), "LATEST")
        shard.is_exhausted = "EndingSequenceNumber" in described["SequenceNumberRange"]
        if not shard.is_exhausted:
            shard.iterator = self._open(shard)
        shard.start = "TRIM_HORIZON"  # should the iterator expire unused: rather too much than too little
        self._shards[shard.shard_id] = shard

    def _next_records(self, shard: Shard, limit: int) -> Mapping[str, Any]:
        for _reopening in range(_REOPENINGS):
            try:
                return self._get_records(shard, limit)
            except self._streams.exceptions.ExpiredIteratorException:
                shard.iterator = None
            except self._streams.exceptions.TrimmedDataAccessException:
                logger.warning("stream trimmed", extra={"shard_id": shard.shard_id, "after": shard.after})
                shard.iterator = shard.after = None
        return self._get_records(shard, limit)

    def _get_records(self, shard: Shard, limit: int) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._streams.get_records(
            ShardIterator=shard.iterator or self._open(shard), Limit=limit
        )
        return answer

    def _open(self, shard: Shard) -> str:
        position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": shard.after}
        opened: str = self._streams.get_shard_iterator(
            StreamArn=self._stream_arn,
            ShardId=shard.shard_id,
            **(position if shard.after else {"ShardIteratorType": shard.start}),
        )["ShardIterator"]
        return opened
