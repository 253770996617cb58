"""When rows of memories end, and that nothing of them stays behind."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from support.builders import PROJECT, a_memory, a_project, ids_of, owned_by
from support.clocks import START
from support.dynamodb_bench import Bench, faults_in
from support.faults import CountedCalls, Crash
from support.histories import with_history

from ricordo.adapters.dynamodb import retention
from ricordo.adapters.dynamodb.retention_days import RetentionDays
from ricordo.domain.errors import MemoryNotFoundError
from ricordo.domain.filters import All
from ricordo.domain.memory import Memory, MemoryPatch, bury, revise
from ricordo.domain.moments import parse_moment
from ricordo.domain.paging import PageRequest

LATER = START + timedelta(hours=1)
MUCH_LATER = START + timedelta(days=400)
EXPIRATION = parse_moment((START + timedelta(seconds=1, microseconds=1)).isoformat(), "expiration_date")
EXPIRED = parse_moment("2020-01-01", "expiration_date")


def ttl(bench: Bench, memory: Memory) -> timedelta | None:
    """Return how long after the start of the test DynamoDB may remove a memory's row; None for never."""
    (row,) = [row for row in bench.rows("memory").values() if row["memory_id"] == memory.memory_id]
    assert ("gsi2pk" in row) is ("gsi2sk" in row) is ("ttl" in row)
    return timedelta(seconds=row["ttl"] - START.timestamp()) if "ttl" in row else None


def test_a_row_ends_its_retention_after_its_memory(bench: Bench) -> None:
    """Only rows of memories carry an end: the expiration, or the deletion, and the retention, rounded up."""
    lasting, expiring = a_memory("lasting"), a_memory("expiring", expiration=EXPIRATION)
    bench.stores.memories.insert([lasting, expiring])
    assert ttl(bench, lasting) is None
    assert ttl(bench, expiring) == timedelta(days=30, seconds=2)

    unlimited = revise(expiring, MemoryPatch(clears_expiration=True), now=LATER)
    bench.stores.memories.replace(unlimited, expected_version=1)
    assert ttl(bench, expiring) is None
    bench.stores.memories.replace(bury(unlimited, now=LATER), expected_version=2)
    assert ttl(bench, expiring) == timedelta(days=30, hours=1)

    assert [row["kind"] for row in bench.rows().values() if "ttl" in row] == ["memory"]


def test_a_project_says_how_long_it_keeps(bench: Bench) -> None:
    """A tombstone outlives records of its deletion that come late, however short the retention is."""
    bench.stores.projects.create(a_project(retention_days=3))
    expiring, deleted = a_memory("expiring", expiration=EXPIRATION), a_memory("deleted")
    stores = bench.stores
    stores.memories.insert([expiring, deleted])
    stores.memories.replace(bury(deleted, now=START), expected_version=1)

    assert ttl(bench, expiring) == timedelta(days=3, seconds=2)
    assert ttl(bench, deleted) == timedelta(days=15)


def test_the_retention_is_read_again_after_five_minutes(bench: Bench) -> None:
    """And not for memories that never end."""
    now = [0.0]
    days = RetentionDays(bench.table, monotonic=lambda: now[0])
    assert (days.after(a_memory()), days.after(a_memory(expiration=EXPIRED))) == (0, 30)
    bench.stores.projects.create(a_project(retention_days=3))
    now[0] = 299.0
    assert days.after(a_memory(expiration=EXPIRED)) == 30
    now[0] = 300.0
    assert days.after(a_memory(expiration=EXPIRED)) == 3


def test_a_purge_leaves_nothing(bench: Bench) -> None:
    """Of a deleted memory, an expired one and one of many versions every row goes; a lasting one keeps all."""
    deleted, expired, lasting = a_memory("tea"), a_memory("milk", expiration=EXPIRED), a_memory("water")
    stores = bench.stores
    stores.memories.insert([deleted, expired, lasting])
    stores.memories.replace(bury(deleted, now=LATER), expected_version=1)
    stores.archive.restore([with_history(a_memory("tea", expiration=EXPIRED), 150)])

    assert stores.memories.purge(PROJECT, older_than=MUCH_LATER) == 3
    assert stores.memories.purge(PROJECT, older_than=MUCH_LATER) == 0

    assert faults_in(bench.rows()) == []
    kinds = sorted(row["kind"] for row in bench.rows().values())
    assert kinds == ["link", "link", "memory", "pending", "sequence", "text", "version"]
    assert [memory.text for memory in stores.memories.list(PROJECT, All(), PageRequest()).items] == ["water"]


def test_a_purge_takes_some_at_a_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call does a bounded part of the work, the longest ended first."""
    monkeypatch.setattr(retention, "_AT_ONCE", 4)
    memories = [a_memory(f"text {number}", expiration=EXPIRED) for number in range(10)]
    bench.stores.memories.insert(memories)

    assert [bench.stores.memories.purge(PROJECT, older_than=LATER) for _ in range(4)] == [4, 4, 2, 0]


def test_a_memory_given_more_time_within_a_purge_stays(bench: Bench) -> None:
    """The index may lag, and rows may change: the row decides in the end."""
    memory = a_memory("tea", expiration=EXPIRED)
    for method in ("batch_get_item", "transact_write_items"):
        bench.stores.memories.insert([memory])

        def extend() -> None:
            unlimited = revise(memory, MemoryPatch(clears_expiration=True), now=LATER)
            bench.stores.memories.replace(unlimited, expected_version=1)

        assert bench.interrupted(method, extend).memories.purge(PROJECT, older_than=LATER) == 0
        assert len(bench.stores.memories.versions(PROJECT, memory.memory_id)) == 2
        assert faults_in(bench.rows()) == []
        bench.stores.memories.replace(bury(replace(memory, version=2), now=START), expected_version=2)
        assert bench.stores.memories.purge(PROJECT, older_than=LATER) == 1


def test_a_memory_of_many_versions_is_not_seen_within_its_purge(bench: Bench) -> None:
    """While its versions are removed in parts, neither it nor what is left of them shows, and it stays as it is."""
    archived = with_history(a_memory("tea", expiration=EXPIRED), 150)
    memory = archived.memory
    bench.stores.archive.restore([archived])

    def look() -> None:
        stores = bench.stores
        assert stores.memories.get(PROJECT, [memory.memory_id]) == {}
        assert stores.memories.list(PROJECT, All(), PageRequest()).items == []
        assert list(stores.archive.dump(PROJECT, All(), includes_deleted=True)) == []
        assert not stores.feed.standing(PROJECT, [memory.memory_id])[memory.memory_id].is_live
        with pytest.raises(MemoryNotFoundError):
            stores.memories.versions(PROJECT, memory.memory_id)
        with pytest.raises(MemoryNotFoundError):
            stores.memories.replace(replace(memory, version=151), expected_version=150)

    assert bench.interrupted("batch_write_item", look, place=2).memories.purge(PROJECT, older_than=LATER) == 1
    assert faults_in(bench.rows()) == []


def test_an_update_within_the_purge_of_many_versions_does_not_bring_them_back(bench: Bench) -> None:
    """An update that read the memory before, and comes once its versions are being removed, finds no memory."""
    archived = with_history(a_memory("tea", expiration=EXPIRED), 150)
    bench.stores.archive.restore([archived])

    def begin() -> None:
        with suppress(Crash):
            bench.counted(CountedCalls(6, after=True)).memories.purge(PROJECT, older_than=LATER)

    unlimited = revise(archived.memory, MemoryPatch(clears_expiration=True), now=LATER)
    with pytest.raises(MemoryNotFoundError):
        bench.interrupted("transact_write_items", begin).memories.replace(unlimited, expected_version=150)

    assert 1 < len(bench.rows("version")) < 150
    bench.stores.memories.purge(PROJECT, older_than=LATER)
    assert set(bench.rows()) == set(bench.rows("sequence"))


def test_expired_memories_of_one_text_are_purged_together(bench: Bench) -> None:
    """Each gives up its hold, whatever the others of the same transaction do."""
    holders = [a_memory("tea", expiration=EXPIRED) for _ in range(5)]
    for holder in holders:
        bench.stores.memories.insert([holder])
    lasting = a_memory("tea")
    bench.stores.memories.insert([lasting])

    assert bench.stores.memories.purge(PROJECT, older_than=LATER) == 5

    assert faults_in(bench.rows()) == []
    assert ids_of(bench.stores.memories.list(PROJECT, owned_by(), PageRequest()).items) == [lasting.memory_id]
