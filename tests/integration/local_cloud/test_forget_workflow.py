"""The deletion workflow, from its file: hidden at once, removed page by page, whatever happens on the way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import cloud_requests as requests
from support.builders import PROJECT
from support.whole_cloud import WholeCloud, open_whole_cloud

from functions.forget.steps import remove
from ricordo.domain.event import Event, EventStatus
from ricordo.domain.ids import EventId
from ricordo.domain.scope import Scope

MEMORIES = 7
BO = Scope(user_id="bo")


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WholeCloud]:
    """The account over a house with seven memories of Ana's and one of Bo's, removed three at a time."""
    monkeypatch.setattr(remove, "REMOVALS_A_STEP", 3)
    with open_whole_cloud(tmp_path) as opened:
        requests.add(opened.house, "ana", ". ".join(f"Ana saw Cleo {n}" for n in range(MEMORIES)) + ".")
        requests.add(opened.house, "bo", "Bo saw Cleo.", scope=BO)
        opened.house.work()
        opened.house.project()
        assert len(opened.house.texts()) == MEMORIES + 1
        yield opened


def delete_all(cloud: WholeCloud) -> EventId:
    """Have all of Ana's memories deleted; return the event."""
    status, told = cloud.request("DELETE", "/v1/memories/", query="user_id=ana")
    assert status in (200, 202)
    assert cloud.house.texts() == ["Bo saw Cleo."]  # before anything is removed
    return EventId(told["event_id"])


def event_of(cloud: WholeCloud, event_id: EventId) -> Event:
    """Read an event."""
    return cloud.house.stores.events.get(PROJECT, event_id)


def assert_done(cloud: WholeCloud, event_id: EventId) -> None:
    """Ana's memories are tombstones, Bo's is as it was, and the projections agree."""
    event = event_of(cloud, event_id)
    assert (event.status, event.error) == (EventStatus.SUCCEEDED, None)
    assert cloud.house.texts() == ["Bo saw Cleo."]
    assert cloud.house.projection_faults() == []
    assert cloud.house.stores.memories.remove_hidden(PROJECT, limit=9, now=cloud.house.clock.now()) == 0


def sweep(cloud: WholeCloud) -> None:
    """Let an hour pass, so that what was left is due, and sweep."""
    cloud.house.clock.advance(3600)
    cloud.tick("sweep")
    cloud.drain()


def test_pages_are_removed_until_none_is_left(cloud: WholeCloud) -> None:
    """GIVEN a deletion of all WHEN its workflow has ended THEN everything is removed and counted."""
    event_id = delete_all(cloud)
    (execution,) = cloud.drain()

    assert execution.states.count("Remove") == 4
    assert_done(cloud, event_id)
    assert event_of(cloud, event_id).notes == {"hidden": MEMORIES, "removed": MEMORIES}


def test_a_very_large_deletion_goes_on_in_a_further_execution(
    cloud: WholeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIVEN more pages than one execution takes THEN others go on, and the counts add up."""
    monkeypatch.setattr(remove, "PAGES_AN_EXECUTION", 1)
    event_id = delete_all(cloud)
    executions = cloud.drain()

    assert [execution.status for execution in executions] == ["SUCCEEDED"] * 4
    assert_done(cloud, event_id)
    assert event_of(cloud, event_id).notes == {"hidden": MEMORIES, "removed": MEMORIES}


@pytest.mark.parametrize(("step", "nth"), [("begin", 1), ("remove", 1), ("remove", 3), ("finish", 1)])
def test_a_death_between_two_states_leaves_nothing_behind(cloud: WholeCloud, step: str, nth: int) -> None:
    """GIVEN an execution that ends before any of its steps WHEN it is due THEN another one ends the work."""
    with cloud.dying_before(f"forget-{step}", nth):
        event_id = delete_all(cloud)
        cloud.settle()

    sweep(cloud)

    assert_done(cloud, event_id)


def test_an_owner_is_deleted_by_the_same_workflow(cloud: WholeCloud) -> None:
    """GIVEN a user that is deleted THEN the user is gone at once and the memories are removed."""
    status, _told = cloud.request("DELETE", "/v2/entities/user/ana/")
    assert status == 200
    (execution,) = cloud.drain()

    assert (execution.status, execution.states[-1]) == ("SUCCEEDED", "Done")
    assert cloud.house.texts() == ["Bo saw Cleo."]
    assert cloud.house.projection_faults() == []


def test_two_executions_at_once_do_the_work_once(cloud: WholeCloud) -> None:
    """GIVEN a deletion started twice THEN one execution works and the other leaves."""
    event_id = delete_all(cloud)
    cloud.start("forget", project_id=PROJECT, event_id=event_id)
    executions = cloud.drain()

    assert sorted("Remove" in execution.states for execution in executions) == [False, True]
    assert_done(cloud, event_id)
