"""A process may end between any two requests: what it was at is whole for readers, and done when it is done again."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from support.builders import (
    ANA,
    PROJECT,
    a_fact,
    a_memory,
    an_episode,
    an_event,
    embedded,
    ids_of,
    owned_by,
)
from support.clocks import START
from support.dynamodb_bench import Bench, BenchOpener, faults_in
from support.event_steps import claimed
from support.faults import CountedCalls, Crash
from support.histories import with_history
from support.stores import Stores

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.expressions import Delete
from ricordo.domain.errors import ConflictError, MemoryNotFoundError
from ricordo.domain.event import EventStatus
from ricordo.domain.filters import All
from ricordo.domain.memory import LifecycleState, MemoryPatch, bury, revise
from ricordo.domain.moments import parse_moment
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import Scope

EVERYTHING = PageRequest(1, 100)
LATER = START + timedelta(hours=1)
MUCH_LATER = START + timedelta(days=400)
EXPIRED = parse_moment(START.isoformat(), "expiration_date")
EVENT = an_event("crashing")
FIRST, SECOND, THIRD = (
    a_memory(text, accepted_at=LATER, embedding=embedded(0), source=replace(a_memory().source, event_id=EVENT.event_id))
    for text in ("tea", "milk", "tea and milk")
)
TWIN = a_memory("tea", accepted_at=START, expiration=EXPIRED)
OTHERS = a_memory("tea", scope=Scope("bo", "chef"), accepted_at=START)
REMOVED = replace(TWIN, sequence=1, version=100)  # as it was stored
ALL_IDS = ids_of([FIRST, SECOND, THIRD, TWIN, OTHERS])


@dataclass(frozen=True, slots=True)
class Case:
    """Something to do, and what stands before it."""

    before: Callable[[Bench], None]
    act: Callable[[Stores], Any]


def nothing(_bench: Bench) -> None:
    """Start with an empty table."""


def an_expired_holder(bench: Bench) -> None:
    """Have a text held until it expired, and by another owner."""
    bench.stores.memories.insert([TWIN, OTHERS])


def three(bench: Bench) -> None:
    """Store three memories, the last with the text of the first."""
    stores = bench.stores
    an_expired_holder(bench)
    stores.memories.insert([FIRST, SECOND, THIRD])
    stores.memories.replace(revise(THIRD, MemoryPatch(text="tea"), now=LATER), expected_version=1)


def hidden(bench: Bench) -> None:
    """Hide them."""
    three(bench)
    bench.stores.memories.hide(PROJECT, owned_by())


def ended(bench: Bench) -> None:
    """Have a deleted memory, an expired one and one of many versions, and what was said, some of it in S3."""
    stores = bench.stores
    said = Random(1).randbytes(350_000).hex()  # noqa: S311  no secret, and stays large when compressed
    stores.events.accept(EVENT, an_episode(EVENT, said))
    work = claimed(stores, EVENT)
    stores.events.keep_facts(work.lease, [a_fact(said)], {})
    stores.memories.insert([FIRST, TWIN, OTHERS], lease=work.lease)
    stores.events.finish(work.lease, replace(work.event, status=EventStatus.SUCCEEDED, completed_at=LATER))
    stores.memories.replace(bury(FIRST, now=LATER), expected_version=1)
    stores.archive.restore([with_history(replace(SECOND, expiration=EXPIRED), 61)])


def removed_by_the_table(bench: Bench) -> None:
    """Have the table take the row of an expired memory away."""
    bench.stores.archive.restore([with_history(TWIN, 100)])
    bench.stores.memories.insert([OTHERS])
    bench.table.write(Delete(keys.memory(PROJECT, TWIN.memory_id)))


def add_under_a_lease(stores: Stores) -> None:
    """Do the work of an event."""
    stores.events.accept(EVENT, an_episode(EVENT))
    work = stores.events.claim(now=MUCH_LATER, lease_s=60, named=(PROJECT, EVENT.event_id))
    if work is None:
        work = stores.events.claim(now=MUCH_LATER + timedelta(days=1), lease_s=60, named=(PROJECT, EVENT.event_id))
    if work is not None:
        stores.memories.insert([FIRST, SECOND, THIRD], lease=work.lease)


def update(stores: Stores) -> None:
    """Give a memory a text another one has."""
    with suppress(ConflictError):
        stores.memories.replace(revise(SECOND, MemoryPatch(text="tea"), now=MUCH_LATER), expected_version=1)


def extend(stores: Stores) -> None:
    """Have an expired memory live on, whose text another one has taken over."""
    unlimited = MemoryPatch(clears_expiration=True)
    with suppress(ConflictError):
        stores.memories.replace(revise(TWIN, unlimited, now=MUCH_LATER), expected_version=1)


def supersede(stores: Stores) -> None:
    """Supersede one of two that hold a text."""
    superseded = replace(FIRST, state=LifecycleState.SUPERSEDED, version=2, replaced_by=SECOND.memory_id)
    with suppress(ConflictError):
        stores.memories.replace(superseded, expected_version=1)


def delete(stores: Stores) -> None:
    """Delete the only one that holds a text."""
    with suppress(MemoryNotFoundError):
        stores.memories.replace(bury(SECOND, now=MUCH_LATER), expected_version=1)


def remove_hidden(stores: Stores) -> None:
    """Work off what is hidden, and close the cut."""
    while stores.memories.remove_hidden(PROJECT, limit=3, now=LATER):
        pass
    stores.memories.remove_hidden(PROJECT, limit=3, now=LATER + timedelta(hours=1))


def purge(stores: Stores) -> None:
    """Remove for good what has ended."""
    while stores.memories.purge(PROJECT, older_than=MUCH_LATER):
        pass


def settle(stores: Stores) -> None:
    """Note that the index shows two of three, and clear away what it has shown long enough."""
    versions = {FIRST.memory_id: 1, THIRD.memory_id: 2, TWIN.memory_id: 1, OTHERS.memory_id: 1}
    stores.feed.settle(PROJECT, versions, visible_at=LATER, now=START)
    stores.feed.settle(PROJECT, versions, visible_at=LATER, now=LATER)


CASES = {
    "insert": Case(an_expired_holder, lambda stores: stores.memories.insert([FIRST, SECOND, THIRD])),
    "insert under a lease": Case(nothing, add_under_a_lease),
    "update": Case(three, update),
    "extend": Case(three, extend),
    "supersede": Case(three, supersede),
    "delete": Case(three, delete),
    "hide": Case(three, lambda stores: stores.memories.hide(PROJECT, owned_by())),
    "remove hidden": Case(hidden, remove_hidden),
    "purge": Case(ended, purge),
    "remove remains": Case(removed_by_the_table, lambda stores: stores.feed.remove_remains(PROJECT, REMOVED)),
    "restore": Case(
        an_expired_holder, lambda stores: stores.archive.restore([with_history(FIRST, 61), with_history(SECOND, 3)])
    ),
    "settle": Case(three, settle),
    "keep embeddings": Case(three, lambda stores: stores.feed.keep_embeddings([replace(FIRST, embedding=embedded(1))])),
}


def seen(bench: Bench) -> dict[str, object]:
    """Return all a reader can see; places in threads may have gaps."""
    stores = bench.stores
    archived = stores.archive.dump(PROJECT, All(), includes_deleted=True)
    pending = stores.feed.pending(PROJECT, owned_by(), limit=10, now=START)
    return {
        "list": [replace(memory, sequence=0) for memory in stores.memories.list(PROJECT, All(), EVERYTHING).items],
        "archive": [replace(one, memory=replace(one.memory, sequence=0)) for one in archived],
        "pending": set(pending.memory_ids),
        "speakers": stores.owners.speakers(PROJECT, list(ANA.owners())),
        "objects": bench.cloud.s3.list_objects_v2(Bucket="ricordo-bodies").get("KeyCount"),
        "kinds": sorted(row["kind"] for row in bench.rows().values() if row["kind"] not in {"cuts", "event"}),
    }


def halves_in(bench: Bench) -> list[str]:
    """Say which memories some reader sees in part."""
    stores = bench.stores
    found = stores.memories.get(PROJECT, ALL_IDS)
    listed = {one.memory_id: one for one in stores.memories.list(PROJECT, All(), EVERYTHING).items}
    assert listed == found
    return [memory_id for memory_id in ALL_IDS if not _is_whole(stores, memory_id, found)]


def _is_whole(stores: Stores, memory_id: Any, found: Any) -> bool:
    try:
        numbers = [version.version for version in stores.memories.versions(PROJECT, memory_id)]
    except MemoryNotFoundError:
        return memory_id not in found
    return numbers == list(range(1, len(numbers) + 1)) and (
        memory_id not in found or found[memory_id].version == len(numbers)
    )


@pytest.mark.parametrize("name", CASES)
def test_what_was_cut_off_is_whole_and_can_be_done_again(open_bench: BenchOpener, name: str) -> None:
    """After a crash between any two requests nothing is seen in part; done again, all is as if nothing had been."""
    case, calls = CASES[name], CountedCalls()
    with open_bench() as bench:
        case.before(bench)
        case.act(bench.counted(calls))
        expected = seen(bench)
        assert faults_in(bench.rows()) == []
    for place, request in enumerate(calls.names):
        with open_bench() as bench:
            case.before(bench)
            with pytest.raises(Crash):
                case.act(bench.counted(CountedCalls(place, after=True)))
            assert halves_in(bench) == [], f"after request {place}, {request}"
            case.act(bench.stores)
            assert seen(bench) == expected, f"after request {place}, {request}"
            assert faults_in(bench.rows()) == [], f"after request {place}, {request}"
