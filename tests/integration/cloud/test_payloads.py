"""The consumers on batches as Lambda hands them over: payloads kept in `events/`, and records that are none."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from support.builders import PROJECT, a_memory
from support.cloud_house import CloudHouse
from support.faults import FailingStore

from functions.project_changes import handler as consumers
from ricordo.domain.errors import ProjectionError, UnavailableError
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import Memory
from ricordo.runtime.streams import read_change

PAYLOADS = sorted((Path(__file__).parents[3] / "events" / "project_changes").glob("*.json"))
CONSUMERS = [consumers.index_handler, consumers.graph_handler]
NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}


@pytest.fixture(autouse=True)
def _wired(cloud_house: CloudHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the consumers work for this house."""
    serve(cloud_house, monkeypatch)


def serve(house: CloudHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the consumers work for a house."""
    monkeypatch.setattr(consumers, "services", lambda: house.services)


class PoisonedIndex:
    """An index that takes all but one memory: it refuses that one, or breaks on it."""

    def __init__(self, index: Any, memory_id: str, fault: Exception) -> None:
        self._index = index
        self._memory_id = memory_id
        self._fault = fault

    def upsert(self, memories: Sequence[Memory]) -> None:
        sound = [memory for memory in memories if memory.memory_id != self._memory_id]
        if len(sound) < len(memories) and not isinstance(self._fault, ProjectionError):
            raise self._fault
        self._index.upsert(sound)
        if len(sound) < len(memories):
            raise self._fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


def read(path: Path) -> dict[str, Any]:
    """Read a payload."""
    event: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return event


def batch(*memory_ids: str) -> dict[str, Any]:
    """Build a batch that tells of these memories."""
    (record,) = [one for one in read(PAYLOADS[0])["Records"] if read_change(one)]
    text = json.dumps(record)
    told = json.loads(text)["dynamodb"]["NewImage"]["memory_id"]["S"]
    records = [json.loads(text.replace(told, memory_id)) for memory_id in memory_ids]
    for number, one in enumerate(records, start=1):
        one["dynamodb"]["SequenceNumber"] = str(number)
    return {"Records": records}


@pytest.mark.parametrize("consumer", CONSUMERS)
@pytest.mark.parametrize("path", PAYLOADS, ids=lambda path: path.stem)
def test_a_payload_is_taken_whatever_stands_now(path: Path, consumer: Any, cloud_house: CloudHouse) -> None:
    """A record only says where to look: of a memory that is not there nothing is projected, and nothing fails."""
    assert consumer(read(path), None) == NOTHING_FAILED
    assert cloud_house.index.held(PROJECT) == {}
    assert cloud_house.dead_letters.letters == []


def test_a_record_says_what_changed() -> None:
    """Links are no changes; a removal by the table carries the memory as it was, its bytes decoded."""
    changes = {path.stem: [read_change(record) for record in read(path)["Records"]] for path in PAYLOADS}

    assert [change and change.version for change in changes["insert"]] == [None, 1]
    (modified,), (removed,) = changes["modify"], changes["removed_by_ttl"]
    assert modified is not None
    assert (modified.version, modified.ended) == (2, None)
    assert removed is not None
    assert removed.ended is not None
    assert removed.ended.text == "Ana moved to Lisbon."
    assert removed.ended.embedding is not None
    assert removed.ended.embedding.vector[1] == 1


def test_what_is_no_record_of_ours_is_set_aside(cloud_house: CloudHouse) -> None:
    """The rest of the batch is projected."""
    memory = a_memory()
    cloud_house.stores.memories.insert([memory])
    event = batch(memory.memory_id)
    event["Records"].insert(0, {"eventID": "odd", "dynamodb": {"NewImage": {"kind": {"S": "memory"}}}})

    assert consumers.index_handler(event, None) == NOTHING_FAILED

    assert list(cloud_house.index.held(PROJECT)) == [memory.memory_id]
    assert [letter["record"] for letter in cloud_house.dead_letters.letters] == ["odd"]


def test_an_index_that_is_down_has_its_records_come_again(
    cloud_house: CloudHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is set aside, and nothing settled."""
    memory = a_memory()
    cloud_house.stores.memories.insert([memory])
    down: Any = FailingStore(cloud_house.index, UnavailableError("down"))
    serve(cloud_house.with_stores(index=down), monkeypatch)

    answer = consumers.index_handler(batch(memory.memory_id, "unknown"), None)

    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["1", "2"]
    assert cloud_house.dead_letters.letters == []


@pytest.mark.parametrize("fault", [ProjectionError("no", frozenset({"m2"})), KeyError("m2")], ids=["refused", "broken"])
def test_one_poisoned_memory_holds_up_nobody(
    cloud_house: CloudHouse, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """It goes to the dead letters by its ids alone; the others are projected."""
    memories = [a_memory(f"text {number}", memory_id=MemoryId(f"m{number}")) for number in (1, 2, 3)]
    cloud_house.stores.memories.insert(memories)
    serve(cloud_house.with_stores(index=PoisonedIndex(cloud_house.index, "m2", fault)), monkeypatch)

    assert consumers.index_handler(batch("m1", "m2", "m3"), None) == NOTHING_FAILED

    assert set(cloud_house.index.held(PROJECT)) == {"m1", "m3"}
    assert cloud_house.dead_letters.letters == [
        {"reason": "refused", "project_id": PROJECT, "memory_id": "m2", "version": "1"}
    ]
