"""Shards are read after their parents, each once, in a stream that splits, which no local engine does."""

from dataclasses import dataclass, field
from typing import Any

from ricordo.local.stream_shards import Shard, Start, StreamReader

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/notes/stream/1"
PAGE = 2


class _Faults:
    class ExpiredIteratorException(Exception):  # noqa: N818  named by AWS
        """An iterator is too old."""

    class TrimmedDataAccessException(Exception):  # noqa: N818  named by AWS
        """A position is gone."""


@dataclass
class SplittingStream:
    """A stream as its API shows it: shards with parents, closed or open, listed two a page."""

    parents: dict[str, str | None]
    records: dict[str, list[int]]
    closed: set[str] = field(default_factory=set)
    exceptions = _Faults

    def describe_stream(self, **request: str) -> dict[str, Any]:
        """List shards, some a page."""
        names = list(self.parents)
        first = names.index(request["ExclusiveStartShardId"]) + 1 if "ExclusiveStartShardId" in request else 0
        page = names[first : first + PAGE]
        described = {"Shards": [self._described(name) for name in page]}
        rest = {"LastEvaluatedShardId": page[-1]} if names[first + PAGE :] else {}
        return {"StreamDescription": {**described, **rest}}

    def _described(self, name: str) -> dict[str, Any]:
        ends = {"EndingSequenceNumber": "999"} if name in self.closed else {}
        parent = self.parents[name]
        numbers = {"SequenceNumberRange": {"StartingSequenceNumber": "0", **ends}}
        return {"ShardId": name, **numbers, **({"ParentShardId": parent} if parent else {})}

    def get_shard_iterator(self, **request: str) -> dict[str, str]:
        """Return an iterator: shard and index."""
        records = self.records[request["ShardId"]]
        kind = request["ShardIteratorType"]
        after = records.index(int(request["SequenceNumber"])) + 1 if kind == "AFTER_SEQUENCE_NUMBER" else 0
        return {"ShardIterator": f"{request['ShardId']}:{len(records) if kind == 'LATEST' else after}"}

    def get_records(self, *, ShardIterator: str, Limit: int) -> dict[str, Any]:  # noqa: N803  AWS's names
        """Return records and the next iterator; a closed shard that is read has none."""
        name, _, index = ShardIterator.partition(":")
        found = self.records[name][int(index) : int(index) + Limit]
        at = int(index) + len(found)
        ends = name in self.closed and at == len(self.records[name])
        more = {} if ends else {"NextShardIterator": f"{name}:{at}"}
        return {"Records": [{"dynamodb": {"SequenceNumber": str(number)}} for number in found], **more}


def read_all(reader: StreamReader) -> list[tuple[str, int]]:
    """Read until nothing comes; return shard and number of each record, in the order they came."""
    found: list[tuple[str, int]] = []
    while True:
        came = [(shard.shard_id, number) for shard in reader.readable() for number in numbers(reader, shard)]
        if not came and not reader.may_have_more:
            return found
        found += came


def numbers(reader: StreamReader, shard: Shard) -> list[int]:
    """Read a shard once."""
    return [int(record["dynamodb"]["SequenceNumber"]) for record in reader.read(shard, PAGE)]


def a_reader(stream: SplittingStream, start: Start = "TRIM_HORIZON") -> StreamReader:
    """Open the stream."""
    return StreamReader(stream, ARN, start=start)


def test_children_are_read_after_their_parent() -> None:
    """A record of a child never comes before one of its parent, however the shards are listed."""
    stream = SplittingStream(
        parents={"c": "b", "b": "a", "a": "gone", "d": "a"},
        records={"a": [1, 2, 3], "b": [4, 5, 6], "c": [7], "d": [8]},
        closed={"a", "b"},
    )
    found = read_all(a_reader(stream))
    assert sorted(number for _shard, number in found) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [number for _shard, number in found if number < 4] == [1, 2, 3]
    places = {number: place for place, (_shard, number) in enumerate(found)}
    assert places[3] < min(places[4], places[8])
    assert places[6] < places[7]


def test_shard_that_splits_while_it_is_read_leads_to_its_children() -> None:
    """New shards are found when their parent ends."""
    stream = SplittingStream(parents={"a": None}, records={"a": [1]})
    reader = a_reader(stream)
    assert read_all(reader) == [("a", 1)]
    stream.records |= {"a": [1, 2], "b": [3], "c": [4]}
    stream.parents |= {"b": "a", "c": "a"}
    stream.closed.add("a")
    assert read_all(reader) == [("a", 2), ("b", 3), ("c", 4)]


def test_latest_skips_what_is_closed_and_reads_what_splits_off_whole() -> None:
    """Closed shards are past; a child born later is read from its first record."""
    stream = SplittingStream(parents={"a": None, "b": "a"}, records={"a": [1], "b": [2]}, closed={"a"})
    reader = a_reader(stream, "LATEST")
    stream.records |= {"b": [2, 3], "c": [4]}
    stream.parents["c"] = "b"
    stream.closed.add("b")
    assert read_all(reader) == [("b", 3), ("c", 4)]


def test_shards_that_are_gone_are_forgotten() -> None:
    """The stream forgets shards after a day, and so does the reader."""
    stream = SplittingStream(parents={"a": None, "b": "a"}, records={"a": [1], "b": [2]}, closed={"a", "b"})
    reader = a_reader(stream)
    read_all(reader)
    stream.parents = {"c": "b"}
    stream.records["c"] = [3]
    reader.read(Shard("b", "a", has_ended=True), PAGE)
    assert read_all(reader) == [("c", 3)]
