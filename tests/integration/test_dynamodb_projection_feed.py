"""How a table knows what its index may not show yet, and clears away what is left of what it removed itself."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.builders import OTHER_PROJECT, PROJECT, a_fact, a_memory, an_episode, an_event, embedded, ids_of, owned_by
from support.clocks import START
from support.dynamodb_bench import Bench, faults_in
from support.event_steps import claimed

from ricordo.adapters.dynamodb import keys, projection_feed
from ricordo.adapters.dynamodb.expressions import Delete
from ricordo.adapters.dynamodb.memory_rows import memory_from
from ricordo.adapters.dynamodb.memory_store import DynamoDBMemoryStore
from ricordo.domain.event import EventStatus
from ricordo.domain.filters import All, AnyOf, Expression, OwnedBy
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import Memory, MemoryPatch, bury, revise
from ricordo.domain.moments import parse_moment
from ricordo.domain.scope import OwnerType, Scope

LATER = START + timedelta(hours=1)
SOON = LATER + timedelta(seconds=60)
EXPIRED = parse_moment("2020-01-01", "expiration_date")
EVERYBODY = All()


def pending(bench: Bench, where: Expression = EVERYBODY, *, now: datetime = LATER) -> list[MemoryId]:
    """Return what is pending; there must be no more."""
    found = bench.stores.feed.pending(PROJECT, where, limit=100, now=now)
    assert found.is_complete
    return list(found.memory_ids)


def settle(bench: Bench, *memories: Memory, now: datetime = LATER) -> None:
    """Note that the index will show these versions a minute later."""
    versions = {memory.memory_id: memory.version for memory in memories}
    bench.stores.feed.settle(PROJECT, versions, visible_at=now + timedelta(seconds=60), now=now)


def test_every_write_is_pending_until_the_index_shows_it(bench: Bench) -> None:
    """The last changed comes first, each memory once."""
    first, second, third = memories = [a_memory(text) for text in ("a", "b", "c")]
    bench.stores.memories.insert(memories)
    assert pending(bench) == ids_of([third, second, first])
    changed = revise(first, MemoryPatch(text="d"), now=LATER)
    bench.stores.memories.replace(changed, expected_version=1)
    assert pending(bench) == ids_of([first, third, second])

    settle(bench, changed, third)

    assert pending(bench, now=SOON - timedelta(microseconds=1)) == ids_of([first, third, second])
    assert pending(bench, now=SOON) == ids_of([second])


def test_a_version_that_was_overtaken_settles_nothing(bench: Bench) -> None:
    """An index that was given an earlier version does not show the last one."""
    memory = a_memory("a")
    bench.stores.memories.insert([memory])
    changed = revise(memory, MemoryPatch(text="b"), now=LATER)
    bench.stores.memories.replace(changed, expected_version=1)

    settle(bench, memory)
    assert pending(bench, now=SOON) == [memory.memory_id]

    settle(bench, changed)
    assert pending(bench, now=SOON) == []


def test_a_change_within_settling_stays_pending(bench: Bench) -> None:
    """A version that comes while an earlier one is settled is not taken for it, even within the same microsecond."""
    memory = a_memory("a", accepted_at=LATER)
    bench.stores.memories.insert([memory])

    def change() -> None:
        bench.stores.memories.replace(revise(memory, MemoryPatch(text="b"), now=LATER), expected_version=1)

    feed = bench.interrupted("batch_write_item", change).feed
    feed.settle(PROJECT, {memory.memory_id: 1}, visible_at=LATER, now=LATER)

    assert pending(bench, now=SOON) == [memory.memory_id]
    settle(bench, replace(memory, version=2), now=SOON)
    settle(bench, now=SOON + timedelta(seconds=60))
    assert bench.rows("pending") == {}


def test_what_the_index_shows_is_cleared_away(bench: Bench) -> None:
    """The partition every search reads stays small, whoever settles next, and other projects' rows stay theirs."""
    memories = [a_memory(f"text {number}") for number in range(30)]
    bench.stores.memories.insert([*memories, a_memory("elsewhere", project_id=OTHER_PROJECT)])
    settle(bench, *memories[:-1])
    assert len(bench.rows("pending")) == 31

    settle(bench, now=SOON)

    assert len(bench.rows("pending")) == 2
    assert pending(bench, now=SOON) == [memories[-1].memory_id]


def test_deleted_memories_are_not_pending(bench: Bench) -> None:
    """A search leaves them out whatever the index says; so it does what is hidden."""
    deleted, hidden = a_memory("a"), a_memory("b", scope=Scope("bo"))
    bench.stores.memories.insert([deleted, hidden])
    bench.stores.memories.replace(bury(deleted, now=LATER), expected_version=1)
    bench.stores.memories.hide(PROJECT, owned_by("bo"))
    bench.stores.memories.insert([a_memory("b", memory_id=MemoryId("anew"), scope=Scope("bo"))])

    assert pending(bench) == [MemoryId("anew")]


def test_pending_keeps_to_the_owners_named(bench: Bench) -> None:
    """Where a filter names owners their memories are told; otherwise all."""
    scopes = {"a": Scope("ana"), "b": Scope("bo"), "c": Scope("ana", "chef"), "d": Scope(run_id="ana")}
    bench.stores.memories.insert([a_memory(name, memory_id=MemoryId(name), scope=scopes[name]) for name in scopes])
    chef = OwnedBy(OwnerType.AGENT, frozenset(["chef"]))

    assert set(pending(bench, owned_by("ana"))) == {"a", "c"}
    assert set(pending(bench, AnyOf((owned_by("bo"), chef)))) == {"b", "c"}
    assert set(pending(bench, OwnedBy(OwnerType.USER, None))) == {"a", "b", "c", "d"}


def test_more_than_can_be_added_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that would miss some changes knows it, be they too many for it or too many to look at."""
    memories = [a_memory(f"text {number}") for number in range(9)]
    bench.stores.memories.insert(memories)
    feed = bench.stores.feed

    few = feed.pending(PROJECT, owned_by(), limit=3, now=LATER)
    assert (list(few.memory_ids), few.is_complete) == (ids_of(memories)[:5:-1], False)
    monkeypatch.setattr(projection_feed, "_LOOKED_AT", 5)
    some = feed.pending(PROJECT, owned_by("bo"), limit=3, now=LATER)
    assert (some.memory_ids, some.is_complete) == ([], False)


def test_two_models_are_served_from_one_table(bench: Bench) -> None:
    """While memories are embedded anew each model reads its own vectors; a text that changes loses both."""
    memory = a_memory("a", embedding=embedded(0))
    bench.stores.memories.insert([memory])
    bench.stores.feed.keep_embeddings([replace(memory, embedding=embedded(1, "model-2"))])
    other = DynamoDBMemoryStore(bench.table, bench.bodies, model_id="model-2")

    assert bench.stores.memories.get(PROJECT, [memory.memory_id])[memory.memory_id].embedding == embedded(0)
    assert other.get(PROJECT, [memory.memory_id])[memory.memory_id].embedding == embedded(1, "model-2")

    current = bench.stores.memories.get(PROJECT, [memory.memory_id])[memory.memory_id]
    described = revise(current, MemoryPatch(metadata={"k": 1}), now=LATER)
    bench.stores.memories.replace(described, expected_version=1)
    assert other.get(PROJECT, [memory.memory_id])[memory.memory_id].embedding == embedded(1, "model-2")
    bench.stores.memories.replace(revise(described, MemoryPatch(text="b"), now=LATER), expected_version=2)
    assert other.get(PROJECT, [memory.memory_id])[memory.memory_id].embedding is None


def removed_by_the_table(bench: Bench, memory: Memory) -> Memory:
    """Take the row of a memory away as DynamoDB does after its time; return what its stream tells."""
    (row,) = [row for row in bench.rows("memory").values() if row["memory_id"] == memory.memory_id]
    bench.table.write(Delete(keys.Key(row["pk"], row["sk"])))
    return memory_from(row)


def test_what_the_table_leaves_behind_is_removed(bench: Bench) -> None:
    """History, links, text and what was said go with the row; another memory of the same text stays whole."""
    stores, event = bench.stores, an_event()
    stores.events.accept(event, an_episode(event))
    lease = claimed(stores, event).lease
    stores.events.keep_facts(lease, [a_fact()], {})
    memory = a_memory("a", expiration=EXPIRED, source=replace(a_memory().source, event_id=event.event_id))
    stores.memories.insert([memory], lease=lease)
    stores.events.finish(lease, replace(event, status=EventStatus.SUCCEEDED))
    stores.memories.insert([a_memory("a")])
    ended = removed_by_the_table(bench, memory)

    for _ in range(2):
        stores.feed.remove_remains(PROJECT, ended)

    assert faults_in(bench.rows()) == []
    assert len(bench.rows("memory", "version", "text", "link", "pending")) == 6
    assert stores.events.get(PROJECT, event.event_id).messages == ()
    assert bench.rows("episode", "facts") == {}


def test_the_remains_of_a_tombstone_are_its_history(bench: Bench) -> None:
    """They go when the table takes the tombstone away."""
    memory = a_memory("a")
    bench.stores.memories.insert([memory])
    bench.stores.memories.replace(bury(memory, now=LATER), expected_version=1)
    ended = removed_by_the_table(bench, memory)

    bench.stores.feed.remove_remains(PROJECT, ended)

    assert set(bench.rows()) == set(bench.rows("sequence"))


@pytest.mark.parametrize("updates", [0, 1])
def test_an_id_given_again_before_the_remains_were_removed_is_a_memory_of_its_own(bench: Bench, updates: int) -> None:
    """Its history begins with it, and the removal that comes late leaves it whole."""
    memory = a_memory("a", expiration=EXPIRED)
    bench.stores.memories.insert([memory])
    for version in range(1, 1 + updates):
        updated = revise(replace(memory, version=version), MemoryPatch(metadata={"k": 1}), now=LATER)
        bench.stores.memories.replace(updated, expected_version=version)
    ended = removed_by_the_table(bench, memory)
    bench.stores.memories.insert([replace(memory, text="b")])
    assert [version.new_text for version in bench.stores.memories.versions(PROJECT, memory.memory_id)] == ["b"]

    bench.stores.feed.remove_remains(PROJECT, ended)

    assert faults_in(bench.rows()) == []
    assert [one.memory.text for one in bench.stores.archive.dump(PROJECT, All())] == ["b"]
    assert [version.new_text for version in bench.stores.memories.versions(PROJECT, memory.memory_id)] == ["b"]
    assert pending(bench) == [memory.memory_id]
