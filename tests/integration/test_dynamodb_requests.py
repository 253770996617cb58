"""What the stores over DynamoDB ask of AWS: how many requests each call takes, and within which bounds."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.aws_guard import recorded_calls
from support.builders import ANA, PROJECT, a_fact, a_key, a_project, an_episode, an_event
from support.clocks import START
from support.dynamodb_stores import moto_stores
from support.event_steps import LEASE_S, accepted, claimed
from support.stores import Stores

from ricordo.adapters.dynamodb import listing, owner_store
from ricordo.adapters.dynamodb.event_rows import MAX_REQUEST_BYTES
from ricordo.adapters.dynamodb.large_bodies import INLINE_BYTES
from ricordo.domain.errors import RequestTooLargeError
from ricordo.domain.event import EventQuery, EventResult, EventStatus, EventType
from ricordo.domain.ids import EventId, MemoryId
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import Owner, OwnerType, Scope

LATER = START + timedelta(days=1)
USER_ANA = Owner(OwnerType.USER, "ana")


@pytest.fixture
def stores() -> Iterator[Stores]:
    """The stores over DynamoDB, empty."""
    with moto_stores() as opened:
        yield opened


def requests(call: Callable[[], Any]) -> dict[str, int]:
    """Count the requests of a call by operation."""
    with recorded_calls() as calls:
        call()
    return dict(Counter(request.operation for request in calls))


def test_an_event_s_life_takes_few_requests(stores: Stores) -> None:
    """Each step of an add that fits into rows is one write, with one read beside it where it needs one."""
    events = stores.events
    event = an_event()
    named = (PROJECT, event.event_id)
    assert requests(lambda: events.accept(event, an_episode(event))) == {"GetItem": 1, "TransactWriteItems": 1}
    assert requests(lambda: events.get(*named)) == {"BatchGetItem": 1}
    work = None

    def claim() -> None:
        nonlocal work
        work = events.claim(now=START, lease_s=LEASE_S, named=named)

    assert requests(claim) == {"UpdateItem": 1, "GetItem": 1}
    assert work is not None
    lease, ended = work.lease, replace(work.event, status=EventStatus.SUCCEEDED)
    ended = replace(ended, results=(EventResult(MemoryId("m1"), "text"),))
    assert requests(lambda: events.renew(lease, until=LATER)) == {"UpdateItem": 1}
    assert requests(lambda: events.keep_facts(lease, [a_fact()], {})) == {"TransactWriteItems": 1}
    assert requests(lambda: events.kept_facts(lease)) == {"GetItem": 1}
    assert requests(lambda: events.finish(lease, ended)) == {"UpdateItem": 1}
    assert requests(lambda: events.list(PROJECT, EventQuery(EventType.ADD), PageRequest())) == {
        "Query": 1,
        "BatchGetItem": 1,
    }


def test_nothing_due_is_one_query_a_shard(stores: Stores) -> None:
    """Workers that look for work in vain cost four small queries."""
    accepted(stores)

    assert requests(lambda: stores.events.claim(now=START, lease_s=LEASE_S)) == {"Query": 4}


def test_an_ended_event_is_not_looked_at_again(stores: Stores) -> None:
    """Its row leaves the index of what is due."""
    work = claimed(stores, accepted(stores))
    stores.events.finish(work.lease, replace(work.event, status=EventStatus.FAILED))

    assert requests(lambda: stores.events.claim(now=LATER, lease_s=LEASE_S)) == {"Query": 4}


def test_the_row_decides_where_the_index_lags(stores: Stores) -> None:
    """A worker that lost the race for the longest due event takes another one."""
    first, second = accepted(stores), accepted(stores, created_at=START + timedelta(seconds=1))
    due = stores.events._due  # type: ignore[attr-defined]
    lagging = list(due(LATER))
    claimed(stores, first)
    stores.events._due = lambda _now: iter(lagging)  # type: ignore[attr-defined]

    work = stores.events.claim(now=START + timedelta(seconds=30), lease_s=LEASE_S)

    assert work is not None
    assert work.event.event_id == second.event_id


def test_a_touch_is_one_request_an_owner(stores: Stores) -> None:
    """Creation, last change, order of the list and speakers go in one update."""
    owners = stores.owners
    for _ in range(2):
        touch = requests(lambda: owners.touch(PROJECT, Scope("ana", run_id="r"), at=START, speakers=frozenset("ab")))
        assert touch == {"UpdateItem": 2}
    assert requests(lambda: owners.touch(PROJECT, ANA, at=LATER)) == {"UpdateItem": 1}
    assert requests(lambda: owners.touch(PROJECT, ANA, at=START, speakers=frozenset("a"))) == {"UpdateItem": 1}
    assert requests(lambda: owners.touch(PROJECT, ANA, at=START, speakers=frozenset("c"))) == {"UpdateItem": 2}
    assert requests(lambda: owners.speakers(PROJECT, [USER_ANA, Owner(OwnerType.RUN, "r")])) == {"BatchGetItem": 1}
    assert requests(lambda: owners.list(PROJECT, PageRequest())) == {"Query": 4, "BatchGetItem": 1}
    assert requests(lambda: owners.totals(PROJECT)) == {"Query": 4}


def test_an_idempotent_write_takes_two_requests(stores: Stores) -> None:
    """One claims the key, one keeps the answer."""
    claims: list[Any] = []
    claim = {"fingerprint": "f", "now": START, "until": LATER}
    assert requests(lambda: claims.append(stores.idempotency.claim(PROJECT, "k", **claim))) == {"PutItem": 1}
    complete = requests(lambda: stores.idempotency.complete(PROJECT, "k", claims[0], "done", expires_at=LATER))
    assert complete == {"UpdateItem": 1}


def test_keys_and_projects_are_read_with_one_request(stores: Stores) -> None:
    """As the authorizer does before every call."""
    stores.keys.add(a_key())
    stores.projects.create(a_project())

    assert requests(lambda: stores.keys.get(a_key().key_id)) == {"GetItem": 1}
    assert requests(lambda: stores.projects.get(PROJECT)) == {"GetItem": 1}


def test_reads_of_rows_are_consistent_and_name_the_project(stores: Stores) -> None:
    """What was just written is read, and every request on a tenant's rows carries the tenant in its keys."""
    event = an_event(project_id=PROJECT)
    with recorded_calls() as calls:
        stores.events.accept(event, an_episode(event))
        stores.events.get(PROJECT, event.event_id)
        stores.events.list(PROJECT, EventQuery(), PageRequest())
        stores.owners.touch(PROJECT, ANA, at=START, speakers=frozenset(["Ana"]))
        stores.owners.list(PROJECT, PageRequest())
        stores.owners.totals(PROJECT)

    assert len(calls) > 10
    for call in calls:
        assert f"P#{PROJECT}#" in str(call.params)
        assert call.operation != "Scan"
        if call.operation in {"GetItem", "Query"} and "IndexName" not in call.params:
            assert call.params["ConsistentRead"]


def test_lists_are_counted_to_a_bound(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it the total says only that there is more, and pages go on all the same."""
    monkeypatch.setattr(listing, "COUNTED", 3)
    adds = [accepted(stores, created_at=START + timedelta(hours=n)).event_id for n in range(7)]

    pages = [stores.events.list(PROJECT, EventQuery(), PageRequest(number, 2)) for number in (1, 2, 3, 4)]

    assert [event.event_id for page in pages for event in page.items] == adds[::-1]
    assert [(page.total, page.is_total_exact, page.has_next) for page in pages] == [
        (4, False, True),
        (5, False, True),
        (7, False, True),
        (7, True, False),
    ]
    found = pages[:1]
    while found[-1].has_next:
        going_on = PageRequest(len(found) + 1, 2, found[-1].end)
        found.append(stores.events.list(PROJECT, EventQuery(), going_on))
    assert [event.event_id for page in found for event in page.items] == adds[::-1]
    assert (found[-1].total, found[-1].is_total_exact) == (7, True)


def test_options_that_no_row_takes_are_refused_early(stores: Stores) -> None:
    """Nothing is written, and what is accepted leaves room for the largest results that stay in the row."""
    fits = {"custom_instructions": "x" * (MAX_REQUEST_BYTES - 100)}
    event = accepted(stores, request=fits)
    work = claimed(stores, event)
    largest = random.Random(1).randbytes(INLINE_BYTES * 2 // 3).hex()  # noqa: S311  no secret
    results = (EventResult(MemoryId("m"), largest),)
    stores.events.finish(work.lease, replace(work.event, status=EventStatus.SUCCEEDED, results=results))
    assert stores.events.get(PROJECT, event.event_id).results == results

    too_large = an_event(request={"custom_instructions": "x" * MAX_REQUEST_BYTES})
    with pytest.raises(RequestTooLargeError, match="128 KB"):
        stores.events.accept(too_large, an_episode(too_large))
    assert stores.events.list(PROJECT, EventQuery(), PageRequest()).total == 1


def test_a_page_from_a_place_counts_nothing(stores: Stores) -> None:
    """It reads about as many keys as it shows, however long the list is."""
    for number in range(9):
        stores.owners.touch(PROJECT, Scope(f"user {number}"), at=START + timedelta(hours=number))
    first = stores.owners.list(PROJECT, PageRequest(1, 2))

    with recorded_calls() as calls:
        second = stores.owners.list(PROJECT, PageRequest(2, 2, first.end))

    assert [record.owner_id for record in second.items] == ["user 6", "user 5"]
    assert (second.total, second.is_total_exact) == (9, True)
    assert {call.params.get("Limit") for call in calls if call.operation == "Query"} == {3}


def test_an_owner_keeps_some_speakers_of_very_many(stores: Stores) -> None:
    """A crowd neither fills an owner's row nor keeps it from being touched."""
    most = owner_store.MAX_SPEAKERS
    for hour in range(3):
        names = frozenset(f"{'x' * 250} {hour} {number}" for number in range(most - 10))
        stores.owners.touch(PROJECT, ANA, at=START + timedelta(hours=hour), speakers=names)

    assert most <= len(stores.owners.speakers(PROJECT, [USER_ANA])) <= 2 * most
    assert stores.owners.get(PROJECT, USER_ANA).updated_at == START + timedelta(hours=2)


def test_speakers_are_read_again_after_a_while(stores: Stores) -> None:
    """Within the cache's age they are what they were."""
    clock = [0.0]
    table = stores.owners._table  # type: ignore[attr-defined]
    reader = owner_store.DynamoDBOwnerStore(table, cache_s=60, monotonic=lambda: clock[0])
    stores.owners.touch(PROJECT, ANA, at=START, speakers=frozenset(["Ana"]))
    assert reader.speakers(PROJECT, [USER_ANA]) == {"Ana"}

    stores.owners.touch(PROJECT, ANA, at=START, speakers=frozenset(["Zoë"]))
    clock[0] = 59.9
    assert requests(lambda: reader.speakers(PROJECT, [USER_ANA])) == {}
    clock[0] = 60
    assert reader.speakers(PROJECT, [USER_ANA]) == {"Ana", "Zoë"}


def test_an_answer_is_removed_in_its_time(stores: Stores) -> None:
    """Rows of answers carry when DynamoDB may take them away; rows of events carry nothing of the kind."""
    with recorded_calls() as calls:
        claim = stores.idempotency.claim(PROJECT, "k", fingerprint="f", now=START, until=START)
        stores.idempotency.complete(PROJECT, "k", claim, "done", expires_at=LATER)  # type: ignore[arg-type]
        accepted(stores)

    put, update, _cuts, transaction = calls
    assert int(put.params["Item"]["ttl"]["N"]) == START.timestamp() + 7 * 86_400 + 1
    assert {"N": str(int(LATER.timestamp()) + 1)} in update.params["ExpressionAttributeValues"].values()
    assert "ttl" not in str(transaction.params)


def test_the_same_acceptance_is_told_apart_within_ten_minutes(stores: Stores) -> None:
    """A second call that says exactly the same is not taken for a repetition of the first one's request."""
    event = an_event("same")
    assert stores.events.accept(event, an_episode(event))

    assert not stores.events.accept(event, an_episode(event))
    assert stores.events.get(PROJECT, EventId("same")) == replace(event, messages=an_episode(event).messages)
