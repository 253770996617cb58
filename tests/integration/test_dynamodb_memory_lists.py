"""How lists are put together from links."""

from datetime import timedelta

import pytest
from support.aws_guard import recorded_calls
from support.builders import PROJECT, a_memory, ids_of, owned_by
from support.clocks import START
from support.dynamodb_bench import Bench

from ricordo.adapters.dynamodb import keys, memory_pages
from ricordo.adapters.dynamodb.expressions import Delete
from ricordo.domain.filters import All, AnyOf, Expression, IdIn, MetadataPresent, Not, OwnedBy
from ricordo.domain.ids import MemoryId
from ricordo.domain.moments import parse_moment
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import OwnerType, Scope

EVERYBODY = All()
CHEF = OwnedBy(OwnerType.AGENT, frozenset(["chef"]))


def texts(bench: Bench, where: Expression = EVERYBODY, page: PageRequest | None = None) -> list[str]:
    """Return the texts of a page."""
    return [memory.text for memory in bench.stores.memories.list(PROJECT, where, page or PageRequest()).items]


def test_a_memory_of_several_owners_is_listed_once(bench: Bench) -> None:
    """Sorted lists of owners and of shards are merged into one, newest first."""
    scopes = [Scope("ana", "chef"), Scope("bo"), Scope("ana"), Scope("cy"), Scope("bo", "chef", "ios", "r")]
    bench.stores.memories.insert([a_memory(f"text {n}", scope=scopes[n % 5]) for n in range(20)])
    either = AnyOf((owned_by("ana"), CHEF, OwnedBy(OwnerType.APP, frozenset(["ios"]))))

    assert texts(bench, either) == [f"text {n}" for n in reversed(range(20)) if n % 5 in {0, 2, 4}]
    assert texts(bench) == [f"text {n}" for n in reversed(range(20))]
    first = bench.stores.memories.list(PROJECT, either, PageRequest(1, 5))
    assert texts(bench, either, PageRequest(2, 5, first.end)) == texts(bench, either, PageRequest(2, 5))


@pytest.mark.parametrize("where", [owned_by(), MetadataPresent("k")], ids=["by links", "by memories"])
def test_a_total_is_counted_to_a_bound(bench: Bench, monkeypatch: pytest.MonkeyPatch, where: Expression) -> None:
    """Beyond it the total says only that there is more, on every page until the end is reached."""
    monkeypatch.setattr(memory_pages, "COUNTED", 20)
    monkeypatch.setattr(memory_pages, "_READ_AT_ONCE", 10)
    memories = [a_memory(f"text {number}", metadata={"k": 1}) for number in range(50)]
    bench.stores.memories.insert(memories)

    pages = [bench.stores.memories.list(PROJECT, where, PageRequest(number, 10)) for number in (1, 3, 5, 6)]

    assert [(page.total, page.is_total_exact, page.has_next) for page in pages] == [
        (20, False, True),
        (31, False, True),
        (50, True, False),
        (50, True, False),
    ]
    assert ids_of(pages[1].items) == ids_of(memories)[29:19:-1]
    found = [pages[0]]
    while found[-1].has_next:
        request = PageRequest(len(found) + 1, 10, found[-1].end)
        found.append(bench.stores.memories.list(PROJECT, where, request))
    assert [(page.total, page.is_total_exact) for page in found[1:]] == [
        (21, False),
        (31, False),
        (41, False),
        (50, True),
    ]
    assert [one for page in found for one in ids_of(page.items)] == ids_of(memories)[::-1]


def test_only_what_is_shown_is_read(bench: Bench) -> None:
    """Conditions on owners, ids, state and expiry are decided without reading memories."""
    bench.stores.memories.insert([a_memory(f"text {number}", memory_id=MemoryId(str(number))) for number in range(40)])
    where = All((owned_by(), Not(AnyOf((IdIn(frozenset(map(str, range(5, 40)))), CHEF)))))

    with recorded_calls(bench.cloud.dynamodb) as calls:
        assert texts(bench, where, PageRequest(1, 3)) == ["text 4", "text 3", "text 2"]

    read = [call.params["RequestItems"][bench.table_name]["Keys"] for call in calls if call.operation == "BatchGetItem"]
    assert [len(asked) for asked in read] in ([3], [])  # the client of DynamoDB Local is not recorded


def test_a_link_whose_memory_the_table_removed_shows_nothing(bench: Bench) -> None:
    """Until the remains are removed nobody is shown a memory that is not there."""
    gone = a_memory("gone", expiration=parse_moment("2020-01-01", "expiration_date"))
    bench.stores.memories.insert([gone, a_memory("there")])
    bench.table.write(Delete(keys.memory(PROJECT, gone.memory_id)))

    assert texts(bench) == ["there"]
    assert texts(bench, MetadataPresent("k")) == []
    assert [one.memory.text for one in bench.stores.archive.dump(PROJECT, EVERYBODY)] == ["there"]


def test_odd_ids_are_kept_apart(bench: Bench) -> None:
    """Ids may hold what keys are made of, and be as long as they may."""
    odd = ["a", "a#0", "a%230", "~a", "a#E#user#b", "M#1", "ä" * 300, "ä" * 301, "%", " "]
    bench.stores.memories.insert([a_memory(owner, scope=Scope(owner), memory_id=MemoryId(owner)) for owner in odd])

    for owner in odd:
        assert texts(bench, owned_by(owner)) == [owner]
        assert set(bench.stores.memories.get(PROJECT, [MemoryId(owner)])) == {owner}
    assert len(texts(bench)) == len(odd)


def test_times_before_1970_are_listed_last(bench: Bench) -> None:
    """Whatever an import brings, everything is listed."""
    bench.stores.memories.insert([a_memory("old", accepted_at=START - timedelta(days=30_000)), a_memory("new")])

    assert texts(bench) == ["new", "old"]
