"""Batches of stream records: what is done, what comes again, and what is set aside."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from support.builders import OTHER_PROJECT, PROJECT, a_memory, embedded

from ricordo.adapters.builtin.dead_letters import KeptDeadLetters
from ricordo.adapters.dynamodb.attributes import to_item
from ricordo.adapters.dynamodb.memory_rows import current_row, vectors_of
from ricordo.domain.errors import ProjectionError, UnavailableError
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.runtime.projecting import project_batch

BY_TABLE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
UNREADABLE: dict[str, Any] = {"eventID": "odd", "dynamodb": {"NewImage": {"kind": {"S": "memory"}}}}
OF_A_LINK: dict[str, Any] = {
    "eventID": "link",
    "dynamodb": {"SequenceNumber": "1", "NewImage": {"kind": {"S": "link"}}},
}


def as_told(value: Any) -> Any:
    """Spell bytes as Lambda does."""
    if isinstance(value, dict):
        return {name: as_told(part) for name, part in value.items()}
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def a_record(number: int, memory_id: str, project_id: ProjectId = PROJECT, **changes: Any) -> dict[str, Any]:
    """Build the record of a memory's row; with `userIdentity`, of its removal."""
    version = changes.pop("version", 1)
    memory = a_memory(memory_id=MemoryId(memory_id), project_id=project_id, version=version, embedding=embedded(0))
    row = current_row(memory, cuts_seen=0, retention_days=0, vectors=vectors_of(memory))
    image = "OldImage" if changes else "NewImage"
    told = {"SequenceNumber": str(number), image: as_told(to_item(row))}
    return {"eventID": f"e{number}", "dynamodb": told, **changes}


@dataclass
class Projection:
    """Notes what it is given; `faults` says for which memory it fails, and how."""

    faults: Mapping[str, Exception] = field(default_factory=dict)
    given: list[tuple[str, dict[str, int]]] = field(default_factory=list)

    def __call__(self, project_id: ProjectId, changed: Mapping[MemoryId, int]) -> None:
        """Project."""
        self.given.append((project_id, dict(changed)))
        for memory_id, fault in self.faults.items():
            if memory_id in changed:
                raise fault


class Feed:
    """Removes remains, of all but one."""

    def __init__(self, fault: Exception) -> None:
        self.removed: list[Memory] = []
        self._fault = fault

    def remove_remains(self, _project_id: ProjectId, memory: Memory) -> None:
        """Remove."""
        if memory.memory_id == "poison":
            raise self._fault
        self.removed.append(memory)


def answer_to(records: list[dict[str, Any]], projection: Projection) -> tuple[list[str], list[Mapping[str, str]]]:
    """Return which records come again, and the letters."""
    letters = KeptDeadLetters()
    answer = project_batch(records, projection, dead_letters=letters)
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]], letters.letters


def test_a_memory_is_projected_once_a_batch_under_its_last_version() -> None:
    """Records of one project go together; what is no memory is left out."""
    projection = Projection()
    records = [
        a_record(1, "a"),
        OF_A_LINK,
        a_record(2, "a", OTHER_PROJECT),
        a_record(3, "b"),
        a_record(4, "a", version=3),
        a_record(5, "a", version=2),
    ]

    assert answer_to(records, projection) == ([], [])
    assert projection.given == [(PROJECT, {"a": 3, "b": 1}), (OTHER_PROJECT, {"a": 1})]


def test_nothing_to_project_is_nothing_done() -> None:
    """A batch of other rows, or an empty one, calls nobody."""
    projection = Projection()
    assert answer_to([OF_A_LINK], projection) == answer_to([], projection) == ([], [])
    assert projection.given == []


def test_a_part_that_is_down_has_the_records_of_that_project_come_again() -> None:
    """In the order of the stream; those of other projects are done."""
    projection = Projection({"a": UnavailableError("down")})
    records = [a_record(10, "b"), a_record(9, "a"), a_record(8, "c", OTHER_PROJECT)]

    assert answer_to(records, projection) == (["9", "10"], [])


def test_what_is_refused_is_set_aside_by_its_id() -> None:
    """The letter names the last version; the others are done."""
    refused = ProjectionError("no", frozenset({"a"}))
    records = [a_record(1, "a"), a_record(2, "b"), a_record(3, "a", version=2)]

    again, letters = answer_to(records, Projection({"a": refused}))

    assert again == []
    assert letters == [{"reason": "refused", "project_id": PROJECT, "memory_id": "a", "version": "2"}]


def test_a_fault_is_isolated_by_projecting_one_record_at_a_time() -> None:
    """Whatever it is, the others are done, and it does not come again."""
    projection = Projection({"b": ZeroDivisionError()})

    again, letters = answer_to([a_record(1, "a"), a_record(2, "b"), a_record(3, "c")], projection)

    assert again == []
    assert [letter["memory_id"] for letter in letters] == ["b"]
    assert projection.given[1:] == [(PROJECT, {"a": 1}), (PROJECT, {"b": 1}), (PROJECT, {"c": 1})]


def test_an_unreadable_record_is_set_aside_once() -> None:
    """The others are projected."""
    projection = Projection()

    again, letters = answer_to([UNREADABLE, a_record(1, "a")], projection)

    assert (again, letters) == ([], [{"reason": "unreadable", "record": "odd"}])
    assert projection.given == [(PROJECT, {"a": 1})]


def test_remains_are_of_what_the_table_itself_removed() -> None:
    """A write, or a removal by a caller, leaves none; the memory comes with its bytes decoded."""
    feed: Any = Feed(UnavailableError("unused"))
    records = [a_record(1, "a"), a_record(2, "b", userIdentity=None), a_record(3, "c", userIdentity=BY_TABLE)]

    project_batch(records, Projection(), dead_letters=KeptDeadLetters(), feed=feed)

    (removed,) = feed.removed
    assert removed.memory_id == "c"
    assert removed.embedding == embedded(0)


def test_remains_that_cannot_be_removed_hold_up_nobody() -> None:
    """They are set aside by their ids; others go, and the batch is projected."""
    letters, projection = KeptDeadLetters(), Projection()
    records = [a_record(1, "poison", userIdentity=BY_TABLE), a_record(2, "c", userIdentity=BY_TABLE)]
    feed: Any = Feed(KeyError("body"))

    project_batch(records, projection, dead_letters=letters, feed=feed)

    assert [memory.memory_id for memory in feed.removed] == ["c"]
    assert letters.letters == [{"reason": "remains", "project_id": PROJECT, "memory_id": "poison", "version": "1"}]
    assert projection.given == [(PROJECT, {"poison": 1, "c": 1})]


def test_with_the_store_down_the_whole_batch_comes_again() -> None:
    """Nothing is projected before the remains are gone."""
    projection = Projection()
    down: Any = Feed(UnavailableError("down"))

    with pytest.raises(UnavailableError):
        project_batch(
            [a_record(1, "poison", userIdentity=BY_TABLE)], projection, dead_letters=KeptDeadLetters(), feed=down
        )

    assert projection.given == []
