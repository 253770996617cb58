"""What the memory store over DynamoDB asks of AWS: how many requests each call takes, and within which bounds."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.aws_guard import Call, recorded_calls
from support.builders import OTHER_PROJECT, PROJECT, a_memory, embedded, ids_of, owned_by
from support.clocks import START
from support.dynamodb_bench import Bench, moto_bench
from support.event_steps import accepted, claimed
from support.stores import Stores

from ricordo.domain.filters import All, AnyOf, InState, MetadataIs, OwnedBy, UnexpiredAt, metadata_token
from ricordo.domain.memory import LifecycleState, MemoryPatch, bury, revise
from ricordo.domain.moments import parse_moment
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import OwnerType, Scope

LATER = START + timedelta(hours=1)
EVERYDAY = All((owned_by(), InState(frozenset({LifecycleState.ACTIVE})), UnexpiredAt(START)))


@pytest.fixture
def bench() -> Iterator[Bench]:
    """An empty table."""
    with moto_bench() as opened:
        yield opened


@pytest.fixture
def stores(bench: Bench) -> Stores:
    """The stores over it."""
    return bench.stores


def calls_of(call: Callable[[], Any]) -> list[Call]:
    """Return the requests of a call."""
    with recorded_calls() as calls:
        call()
    return calls


def requests(call: Callable[[], Any]) -> dict[str, int]:
    """Count the requests of a call by operation."""
    return dict(Counter(request.operation for request in calls_of(call)))


def test_a_new_memory_takes_three_requests(stores: Stores) -> None:
    """One read of all that decides, one place in the thread, one transaction; so do sixteen of one add."""
    three = {"BatchGetItem": 1, "UpdateItem": 1, "TransactWriteItems": 1}
    assert requests(lambda: stores.memories.insert([a_memory("one", scope=Scope("a", "b", "c", "d"))])) == three
    lease = claimed(stores, accepted(stores)).lease
    facts = [a_memory(f"fact {number}", embedding=embedded(0)) for number in range(16)]
    assert requests(lambda: stores.memories.insert(facts, lease=lease)) == three


def test_a_refused_memory_takes_reads_alone(stores: Stores) -> None:
    """A repeated id takes one, a text that is held another one for its holder."""
    memory = a_memory("tea")
    stores.memories.insert([memory])

    assert requests(lambda: stores.memories.insert([memory])) == {"BatchGetItem": 1}
    assert requests(lambda: stores.memories.insert([a_memory("tea")])) == {"BatchGetItem": 2}


def test_many_memories_share_transactions(stores: Stores) -> None:
    """A transaction takes a hundred rows; a thousand memories take no more reads and writes than they must."""
    memories = [a_memory(f"text {number}") for number in range(200)]

    asked = requests(lambda: stores.memories.insert(memories))

    assert asked == {"BatchGetItem": 5, "UpdateItem": 1, "TransactWriteItems": 13}
    assert stores.memories.list(PROJECT, All(), PageRequest()).total == 200


def test_a_change_takes_a_read_and_a_transaction(stores: Stores) -> None:
    """And one more read where it stops holding its text; a project's retention is read now and then."""
    memory = a_memory("tea")
    stores.memories.insert([memory])
    described = revise(memory, MemoryPatch(metadata={"k": 1}), now=LATER)
    renamed = revise(described, MemoryPatch(text="milk"), now=LATER)
    changes = [
        ((described, 1), {"BatchGetItem": 1, "TransactWriteItems": 1}),
        ((renamed, 2), {"BatchGetItem": 2, "TransactWriteItems": 1}),
        ((bury(renamed, now=LATER), 3), {"BatchGetItem": 2, "GetItem": 1, "TransactWriteItems": 1}),
    ]
    for (changed, expected_version), asked in changes:
        assert requests(lambda: stores.memories.replace(changed, expected_version=expected_version)) == asked  # noqa: B023  called at once


def test_links_are_rewritten_only_when_they_say_something_else(stores: Stores) -> None:
    """An update of what no link tells costs the row, the version and the note for the index."""
    memory = a_memory("tea", scope=Scope("ana", "chef"))
    stores.memories.insert([memory])
    described = revise(memory, MemoryPatch(metadata={"k": 1}), now=LATER)
    expiring = revise(described, MemoryPatch(expiration=parse_moment("2030-01-01", "expiration_date")), now=LATER)

    written = [
        [action for call in calls_of(lambda: stores.memories.replace(changed, expected_version=changed.version - 1))  # noqa: B023  called at once
         if call.operation == "TransactWriteItems" for action in call.params["TransactItems"]]
        for changed in (described, expiring)
    ]  # fmt: skip

    assert [len(actions) for actions in written] == [4, 7]


def test_a_search_reads_what_it_was_told_in_one_request(stores: Stores) -> None:
    """Up to 99 memories and what is hidden are one batch."""
    memories = [a_memory(f"text {number}") for number in range(99)]
    stores.memories.insert(memories)

    assert requests(lambda: stores.memories.get(PROJECT, ids_of(memories)[:20])) == {"BatchGetItem": 1}
    assert requests(lambda: stores.memories.get(PROJECT, ids_of(memories))) == {"BatchGetItem": 1}
    assert requests(lambda: stores.memories.get(PROJECT, [])) == {}
    assert requests(lambda: stores.feed.pending(PROJECT, owned_by(), limit=300, now=START)) == {"Query": 1}


def test_a_page_of_an_owner_takes_three_requests(stores: Stores) -> None:
    """The cuts, the links and the memories shown, for a page by number and from a place on."""
    stores.memories.insert([a_memory(f"text {number}") for number in range(250)])
    three = {"GetItem": 1, "Query": 1, "BatchGetItem": 1}
    first = stores.memories.list(PROJECT, EVERYDAY, PageRequest(1, 100))

    assert requests(lambda: stores.memories.list(PROJECT, EVERYDAY, PageRequest(1, 100))) == three
    assert requests(lambda: stores.memories.list(PROJECT, EVERYDAY, PageRequest(2, 100))) == three
    going_on = calls_of(lambda: stores.memories.list(PROJECT, EVERYDAY, PageRequest(2, 100, first.end)))
    assert Counter(call.operation for call in going_on) == three
    assert [call.params["Limit"] for call in going_on if call.operation == "Query"] == [100]


def test_what_links_cannot_decide_is_read_once(stores: Stores) -> None:
    """Of memories filtered by what they hold, those shown are not read a second time."""
    stores.memories.insert([a_memory(f"text {n}", metadata={"even": n % 2 == 0}) for n in range(150)])
    where = All((owned_by(), MetadataIs("even", metadata_token(True))))  # noqa: FBT003  a value

    assert requests(lambda: stores.memories.list(PROJECT, where, PageRequest(1, 10))) == {
        "GetItem": 1,
        "Query": 1,
        "BatchGetItem": 2,
    }


@pytest.mark.parametrize(
    ("where", "queries"),
    [
        (owned_by(), 1),
        (AnyOf((owned_by("ana"), owned_by("bo"), OwnedBy(OwnerType.RUN, frozenset(["r"])))), 3),
        (OwnedBy(OwnerType.AGENT, frozenset(["chef"])), 4),
        (All((OwnedBy(OwnerType.AGENT, frozenset(["chef"])), owned_by())), 1),
        (OwnedBy(OwnerType.USER, None), 4),
        (AnyOf((owned_by(), OwnedBy(OwnerType.AGENT, None))), 4),
        (All(), 4),
        (OwnedBy(OwnerType.USER, frozenset()), 0),
    ],
)
def test_a_list_asks_the_partitions_that_hold_it(stores: Stores, where: Any, queries: int) -> None:
    """Owners named have partitions of their own, wildcards take the project's; nothing scans or reads an index."""
    scopes = [Scope("ana"), Scope("bo"), Scope("ana", "chef"), Scope(run_id="r"), Scope("ana", run_id="r")]
    stores.memories.insert([a_memory(f"text {n}", scope=scope) for n, scope in enumerate(scopes)])

    asked = calls_of(lambda: stores.memories.list(PROJECT, where, PageRequest()))

    assert sum(call.operation == "Query" for call in asked) == queries
    assert not any(call.operation == "Scan" or "IndexName" in call.params for call in asked)


def test_reads_are_consistent_and_every_request_names_the_project(stores: Stores) -> None:
    """What was just written is read, and no request of a project reaches beyond its keys."""
    memory = a_memory("tea", embedding=embedded(0), expiration=parse_moment("2030-01-01", "expiration_date"))

    def everything() -> None:
        stores.memories.insert([memory, a_memory("milk"), replace(memory, text="tea")])
        stores.memories.replace(revise(memory, MemoryPatch(text="coffee"), now=LATER), expected_version=1)
        stores.memories.list(PROJECT, OwnedBy(OwnerType.USER, None), PageRequest())
        stores.memories.versions(PROJECT, memory.memory_id)
        list(stores.archive.dump(PROJECT, All(), includes_deleted=True))
        stores.feed.pending(PROJECT, All(), limit=5, now=START)
        stores.feed.standing(PROJECT, [memory.memory_id])
        stores.feed.settle(PROJECT, {memory.memory_id: 2}, visible_at=START, now=LATER)
        stores.memories.hide(PROJECT, All())
        stores.memories.remove_hidden(PROJECT, limit=10, now=LATER)
        stores.memories.purge(PROJECT, older_than=LATER + timedelta(days=1))

    for call in calls_of(everything):
        assert call.operation != "Scan"
        assert f"#{PROJECT}" in str(call.params)
        assert OTHER_PROJECT not in str(call.params)
        if call.operation in {"GetItem", "Query"} and "IndexName" not in call.params:
            assert call.params["ConsistentRead"]
        if call.operation == "BatchGetItem":
            assert all(asked["ConsistentRead"] for asked in call.params["RequestItems"].values())
