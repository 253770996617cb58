"""What the memory store over DynamoDB does with answers AWS gives now and then, and with what comes between."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from support.aws_guard import inject, leave_unprocessed, recorded_calls
from support.builders import PROJECT, a_memory, embedded, ids_of, owned_by
from support.clocks import START
from support.dynamodb_bench import Bench, faults_in, moto_bench
from support.event_steps import accepted, claimed

from ricordo.domain.errors import (
    LeaseLostError,
    MemoryNotFoundError,
    RequestTooLargeError,
    StoreBusyError,
    VersionConflictError,
)
from ricordo.domain.filters import All
from ricordo.domain.ids import MemoryId
from ricordo.domain.limits import MAX_CONTENT_CHARS
from ricordo.domain.memory import MemoryPatch, bury, revise
from ricordo.domain.moments import parse_moment
from ricordo.domain.paging import PageRequest
from ricordo.ports.memory_store import Refused, Stored

LATER = START + timedelta(hours=1)


@pytest.fixture
def bench() -> Iterator[Bench]:
    """An empty table."""
    with moto_bench() as opened:
        yield opened


def test_keys_left_unread_are_asked_for_again(bench: Bench) -> None:
    """A batch that AWS answers in part is complete in the end."""
    stores = bench.stores
    memories = [a_memory(f"text {number}") for number in range(5)]
    stores.memories.insert(memories)

    with leave_unprocessed("BatchGetItem", times=3) as partial:
        found = stores.memories.get(PROJECT, ids_of(memories))

    assert partial.given == 3
    assert set(found) == set(ids_of(memories))


def test_rows_left_unwritten_are_written_again(bench: Bench) -> None:
    """So is a batch of writes."""
    stores = bench.stores
    memories = [a_memory(f"text {number}") for number in range(5)]
    stores.memories.insert(memories)

    with leave_unprocessed("BatchWriteItem", times=2):
        stores.feed.settle(PROJECT, dict.fromkeys(ids_of(memories), 1), visible_at=LATER, now=START)

    assert all("visible_us" in row for row in bench.rows("pending").values())


def test_a_conflict_of_transactions_is_tried_again(bench: Bench) -> None:
    """Two transactions on one row at a time are no fault of the caller's, and are told only when they do not end."""
    stores, memory = bench.stores, a_memory()
    conflict = {"code": "TransactionCanceledException", "reasons": ("None", "TransactionConflict")}

    with inject("TransactWriteItems", times=3, **conflict):
        assert stores.memories.insert([memory]) == [Stored(replace(memory, sequence=1))]
    with inject("TransactWriteItems", times=50, **conflict), pytest.raises(StoreBusyError):
        stores.memories.replace(revise(memory, MemoryPatch(text="x"), now=LATER), expected_version=1)
    with inject("UpdateItem", "TransactionConflictException", times=2):
        stores.memories.insert([a_memory("another")])

    assert faults_in(bench.rows()) == []


@pytest.mark.parametrize("is_remembered", [True, False], ids=["with its token", "long after it"])
def test_a_transaction_replayed_has_one_effect(bench: Bench, *, is_remembered: bool) -> None:
    """Every transaction of a memory's life, sent again at once or when AWS has forgotten its token, changes nothing."""
    stores, memory = bench.stores, a_memory("tea", expiration=parse_moment("2030-01-01", "expiration_date"))
    renamed = revise(memory, MemoryPatch(text="milk"), now=LATER)
    steps = [
        lambda: stores.memories.insert([memory]),
        lambda: stores.memories.replace(renamed, expected_version=1),
        lambda: stores.memories.replace(bury(renamed, now=LATER), expected_version=2),
        lambda: stores.memories.purge(PROJECT, older_than=LATER + timedelta(days=1)),
    ]
    for step in steps:
        with recorded_calls() as calls:
            step()
        sent = [call.params for call in calls if call.operation == "TransactWriteItems"]
        rows = bench.rows()
        assert len(sent) == 1
        again = sent[0] if is_remembered else {**sent[0], "ClientRequestToken": str(uuid4())}
        if is_remembered:
            bench.cloud.dynamodb.transact_write_items(**again)
        else:
            with pytest.raises(ClientError, match="TransactionCanceled"):
                bench.cloud.dynamodb.transact_write_items(**again)
        assert bench.rows() == rows


def test_a_lost_answer_is_not_a_second_write(bench: Bench) -> None:
    """A transaction whose answer is lost is sent again by the client itself, with its token."""
    stores, memory = bench.stores, a_memory()

    with inject("TransactWriteItems", "InternalServerError", after_effect=True) as lost:
        outcomes = stores.memories.insert([memory])

    assert lost.given == 1
    assert outcomes == [Stored(replace(memory, sequence=1))]
    assert len(stores.memories.versions(PROJECT, memory.memory_id)) == 1


def test_a_lease_lost_within_an_insert_ends_it(bench: Bench) -> None:
    """The transaction itself asks for the lease: what was read a moment before does not count."""
    work = claimed(bench.stores, accepted(bench.stores))
    memories = [a_memory(f"text {number}") for number in range(20)]

    def take_over() -> None:
        bench.stores.events.claim(now=LATER, lease_s=60, named=(PROJECT, work.event.event_id))

    with pytest.raises(LeaseLostError):
        bench.interrupted("transact_write_items", take_over, place=1).memories.insert(memories, lease=work.lease)

    assert bench.stores.memories.list(PROJECT, All(), PageRequest()).total == 16
    assert faults_in(bench.rows()) == []


def test_a_text_taken_within_an_insert_is_a_duplicate(bench: Bench) -> None:
    """What was free when it was read is not when it is written; the others of the same transaction are stored."""

    def take() -> None:
        bench.stores.memories.insert([a_memory("tea", memory_id=MemoryId("theirs"))])

    mine = [a_memory(text) for text in ("milk", "tea", "water")]
    outcomes = bench.interrupted("transact_write_items", take).memories.insert(mine)

    assert [type(outcome) for outcome in outcomes] == [Stored, Refused, Stored]
    assert faults_in(bench.rows()) == []


def test_a_memory_hidden_within_an_insert_stays_hidden(bench: Bench) -> None:
    """An add that was accepted before the cut is not seen after it, whoever came first to the rows."""
    lease = claimed(bench.stores, accepted(bench.stores)).lease

    def hide() -> None:
        bench.stores.memories.hide(PROJECT, owned_by())

    bench.interrupted("transact_write_items", hide).memories.insert([a_memory("late")], lease=lease)

    assert bench.stores.memories.list(PROJECT, All(), PageRequest()).total == 0
    assert bench.stores.memories.remove_hidden(PROJECT, limit=10, now=LATER) == 1
    assert faults_in(bench.rows()) == []


def test_a_memory_too_large_is_refused_whole(bench: Bench) -> None:
    """Nothing of it is written; as large as a request may make one, it is stored, and sixteen of them are."""
    largest = "\N{GRINNING FACE}" * MAX_CONTENT_CHARS
    with pytest.raises(RequestTooLargeError):
        bench.stores.memories.insert([a_memory(largest * 3)])
    assert set(bench.rows()) == set(bench.rows("sequence"))

    outcomes = bench.stores.memories.insert([a_memory(f"{number}{largest}") for number in range(16)])

    assert all(isinstance(outcome, Stored) for outcome in outcomes)
    assert faults_in(bench.rows()) == []


def test_a_memory_that_moves_on_within_an_update_is_a_conflict(bench: Bench) -> None:
    """The second of two updates that read the same version is refused, however late the first one comes."""
    memory = a_memory("one")
    bench.stores.memories.insert([memory])

    def update() -> None:
        bench.stores.memories.replace(revise(memory, MemoryPatch(text="two"), now=LATER), expected_version=1)

    mine = revise(memory, MemoryPatch(text="three"), now=LATER)
    with pytest.raises(VersionConflictError):
        bench.interrupted("transact_write_items", update).memories.replace(mine, expected_version=1)

    assert bench.stores.memories.get(PROJECT, [memory.memory_id])[memory.memory_id].text == "two"


def test_a_memory_that_goes_within_an_update_is_not_found(bench: Bench) -> None:
    """A deleted memory does not come back."""
    memory = a_memory("one")
    bench.stores.memories.insert([memory])

    def delete() -> None:
        bench.stores.memories.replace(bury(memory, now=LATER), expected_version=1)

    with pytest.raises(MemoryNotFoundError):
        bench.interrupted("transact_write_items", delete).memories.replace(
            revise(memory, MemoryPatch(text="three"), now=LATER), expected_version=1
        )

    assert faults_in(bench.rows()) == []


def test_a_text_taken_up_within_an_update_keeps_both_holders(bench: Bench) -> None:
    """Another memory that takes the text one is giving up goes on holding it."""
    memory, other = a_memory("tea"), a_memory("milk")
    bench.stores.memories.insert([memory, other])

    def take_up() -> None:
        bench.stores.memories.replace(revise(other, MemoryPatch(text="tea"), now=LATER), expected_version=1)

    renamed = revise(memory, MemoryPatch(text="water"), now=LATER)
    bench.interrupted("transact_write_items", take_up).memories.replace(renamed, expected_version=1)

    assert list(bench.stores.memories.insert([a_memory("tea")])) == [Refused("duplicate")]
    assert faults_in(bench.rows()) == []


def test_a_memory_updated_within_its_removal_is_removed_as_it_is_then(bench: Bench) -> None:
    """What is hidden goes, whatever became of it meanwhile, and its history says all."""
    memory = a_memory("tea")
    bench.stores.memories.insert([memory, a_memory("milk")])
    late = bench.interrupted("transact_write_items", lambda: bench.stores.memories.hide(PROJECT, owned_by()))
    late.memories.replace(revise(memory, MemoryPatch(text="water"), now=LATER), expected_version=1)

    assert bench.stores.memories.remove_hidden(PROJECT, limit=9, now=LATER) == 2
    texts = [version.new_text for version in bench.stores.memories.versions(PROJECT, memory.memory_id)]
    assert texts == ["tea", "water", None]
    assert faults_in(bench.rows()) == []


def test_a_vector_kept_beside_another_does_not_displace_one_that_comes_between(bench: Bench) -> None:
    """Two jobs for two models may fill the same memory at the same time."""
    memory = a_memory("tea", embedding=embedded(0))
    bench.stores.memories.insert([memory])
    ours, theirs = (replace(memory, embedding=embedded(1, model)) for model in ("ours", "theirs"))

    def fill() -> None:
        bench.stores.feed.keep_embeddings([theirs])

    assert bench.interrupted("update_item", fill).feed.keep_embeddings([ours]) == 1

    (row,) = bench.rows("memory").values()
    assert set(row["vectors"]) == {"model-1", "ours", "theirs"}
