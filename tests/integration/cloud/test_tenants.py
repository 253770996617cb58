"""The project is in every key of the table: without it in any one of them, tenants would see each other."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from support import cloud_requests as requests
from support.aws_guard import Call, recorded_calls
from support.builders import OTHER_PROJECT, PROJECT
from support.clocks import START
from support.cloud_house import CloudHouse
from support.dynamodb_stores import moto_stores
from support.stores import Stores
from support.tenant_reads import READS, Read, tenants_are_kept_apart
from support.tenants import SHARED, TENANTS, fill, only

from ricordo.adapters.dynamodb import keys
from ricordo.domain.errors import RicordoError
from ricordo.domain.filters import All
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Memory

NOBODY = ProjectId("nobody")
_PARTITION = re.compile(r"(?:#\w+) = (:\w+)")


def _is_of_a_project(function: Callable[..., Any]) -> bool:
    first = next(iter(inspect.signature(function).parameters.values()))
    return first.name == "project_id" or first.annotation is Memory


KEYS = sorted(
    name
    for name, function in inspect.getmembers(keys, inspect.isfunction)
    if function.__module__ == keys.__name__ and _is_of_a_project(function)
)


@pytest.fixture
def stores() -> Iterator[Stores]:
    """The stores over an empty table."""
    with moto_stores() as opened:
        yield opened


def check(stores: Stores) -> None:
    """Check that tenants see their own, what they have just written included."""
    tenants_are_kept_apart(stores)
    pending = stores.feed.pending(OTHER_PROJECT, All(), limit=50, now=START)
    assert set(pending.memory_ids) == {SHARED, only(OTHER_PROJECT)}


def test_with_the_project_in_every_key_tenants_are_kept_apart(stores: Stores) -> None:
    """The check that follows fails for nothing else."""
    check(stores)


def _anybody(whose: ProjectId | Memory) -> ProjectId | Memory:
    return replace(whose, project_id=NOBODY) if isinstance(whose, Memory) else NOBODY


@pytest.mark.parametrize("name", KEYS)
def test_without_the_project_in_a_key_tenants_meet(stores: Stores, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whichever key forgets the project, the check of what tenants see fails."""
    with_project = getattr(keys, name)
    monkeypatch.setattr(keys, name, lambda whose, *rest: with_project(_anybody(whose), *rest))

    with pytest.raises((AssertionError, RicordoError)):
        check(stores)


def _partitions(call: Call) -> Iterator[str]:
    """Yield the partitions a request reads or writes, or the folders of a bucket."""
    params = call.params
    match call.operation:
        case "GetItem" | "UpdateItem" | "DeleteItem":
            yield params["Key"]["pk"]["S"]
        case "PutItem":
            yield params["Item"]["pk"]["S"]
        case "BatchGetItem":
            yield from (key["pk"]["S"] for asked in params["RequestItems"].values() for key in asked["Keys"])
        case "Query":
            (placeholder, *_) = _PARTITION.findall(params["KeyConditionExpression"])
            yield params["ExpressionAttributeValues"][placeholder]["S"]
        case _:
            raise AssertionError(f"{call.operation} is no way to read")


def _foreign(read: Read, calls: list[Call]) -> set[str]:
    """Return which partitions a read has touched that it had no business in."""
    named = {partition for call in calls for partition in _partitions(call)}
    assert named, read.name
    mine = (f"P#{PROJECT}#", f"PROJECT#{PROJECT}")
    # the place in the other project's list was asked for there
    allowed = (*mine, f"P#{OTHER_PROJECT}#") if "foreign place" in read.name else mine
    return {partition for partition in named if not partition.startswith(allowed)}


def test_every_read_asks_for_one_project(stores: Stores) -> None:
    """No request of any read leaves the partitions of the project that asks."""
    for project_id in TENANTS:
        fill(stores, project_id)
    for read in READS:
        with recorded_calls() as calls:
            read.ask(stores, PROJECT)
        assert _foreign(read, calls) == set(), read.name


def test_searches_find_what_is_their_project_s(cloud_house: CloudHouse) -> None:
    """With the same owners, texts and events, before and after they are projected, and whatever part is down."""
    houses = [cloud_house.of(project_id) for project_id in TENANTS]
    for house in houses:
        requests.add(house, "same", "Ana knows Bob. Bob knows Cleo.", speaker=house.project_id)
        requests.work_on(house, "same")
    requests.add(houses[1], "theirs", "Ana knows Dan.", infer=False)
    for _ in ("pending", "projected"):
        for house, expected in zip(houses, (2, 3), strict=True):
            found = [scored.memory for scored in house.search("Who knows Bob, Ana and Dan?", All()).results]
            assert {memory.project_id for memory in found} == {house.project_id}
            assert len(found) == expected
        cloud_house.project()
        cloud_house.clock.advance(60)
    mine = houses[0].stores.graph.neighbourhood(PROJECT, "ana", hops=2, limit=10)
    assert [(one.source, one.target) for one in mine] == [("Ana", "Bob"), ("Bob", "Cleo")]
    assert houses[0].stores.graph.mentions(PROJECT, ["dan"], limit=10) == []
