"""The nightly run over the AWS profile: its steps called one after another, as the workflow does."""

from dataclasses import replace

import pytest
from support import cloud_requests as requests
from support.builders import ANA, OTHER_PROJECT, PROJECT, a_project
from support.cloud_house import CloudHouse
from support.faults import Crash, Interruption
from support.nights import NIGHT, lose, night, remembered, report_of, steps_of

from functions.consolidate.steps import begin, fail
from ricordo.domain.consolidation import ConsolidationRun, ProjectReport
from ricordo.domain.errors import StoreBusyError
from ricordo.domain.memory import bury
from ricordo.domain.moments import iso
from ricordo.domain.paging import PageRequest


@pytest.fixture
def house(cloud_house: CloudHouse) -> CloudHouse:
    """A house with a project in which nothing was said yet."""
    cloud_house.stores.projects.create(a_project())
    return cloud_house


def test_a_night_without_drift_finds_none(house: CloudHouse) -> None:
    """GIVEN index and graph in step WHEN night comes THEN nothing is found, and the record says when it was."""
    remembered(house)

    now = house.clock.now()
    assert night(house) == ConsolidationRun(NIGHT, now, now, None, (ProjectReport(PROJECT),))


def test_what_has_ended_is_swept(house: CloudHouse) -> None:
    """GIVEN tombstones older than the retention WHEN night comes THEN nothing of them is left."""
    memories = remembered(house)
    for memory in memories[:4]:
        house.stores.memories.replace(bury(memory, now=house.clock.now()), expected_version=1)
    house.project()
    house.clock.advance(31 * 86_400)

    assert report_of(night(house)).swept == 4

    house.project()
    assert house.projection_faults() == []
    assert house.stores.feed.standing(PROJECT, [memory.memory_id for memory in memories[:4]]) == {}


def test_the_scopes_that_changed_are_consolidated(house: CloudHouse) -> None:
    """Each scope is taken once a change; what came to it without a vector gets one."""
    house.embedder.is_up = False
    for number in range(54):
        house.stores.owners.touch(PROJECT, replace(ANA, user_id=f"user {number}"), at=house.clock.now())
    requests.add(house, "said", "Ana knows Bob.")
    requests.work_on(house, "said")
    house.project()
    house.embedder.is_up = True

    report = report_of(night(house))
    assert (report.scopes, report.failed, report.filled) == (55, 0, 1)
    assert [memory.embedding is not None for memory in house.memories()] == [True]

    house.clock.advance(86_400)
    assert report_of(night(house, at="2026-03-11T02:00:00Z")).scopes == 0
    house.stores.owners.touch(PROJECT, ANA, at=house.clock.now())
    assert report_of(night(house, at="2026-03-12T02:00:00Z")).scopes == 1


def test_two_runs_at_once_handle_no_scope_twice(house: CloudHouse) -> None:
    """GIVEN a run at a scope WHEN another run does all meanwhile THEN each scope is done by one of them."""
    for number in range(30):
        house.stores.owners.touch(PROJECT, replace(ANA, user_id=f"user {number}"), at=house.clock.now())
    others: list[ProjectReport] = []

    def run_beside() -> None:
        others.append(report_of(night(house, at="2026-03-10T02:00:01Z", holder="two")))

    interrupted = house.with_stores(memories=Interruption("list", run_beside, place=10).of(house.stores.memories))

    report = report_of(night(interrupted))

    assert (report.scopes, others[0].scopes) == (11, 19)
    assert (report.failed, others[0].failed) == (0, 1)  # the one that was being handled


@pytest.mark.parametrize(
    "broken", ["consolidations.complete", "memories.purge", "feed.standing", "consolidations.report"]
)
def test_a_run_that_broke_off_goes_on(house: CloudHouse, broken: str) -> None:
    """GIVEN a run killed in the middle WHEN it is started again THEN the end is as if nothing had happened."""
    memories = remembered(house)
    house.stores.owners.touch(PROJECT, ANA, at=house.clock.now())
    lose(house, memories[0])
    store, method = broken.split(".")

    def crash() -> None:
        raise Crash

    dying = house.with_stores(**{store: Interruption(method, crash).of(getattr(house.stores, store))})
    with pytest.raises(Crash):
        night(dying)

    run = night(house)

    assert house.projection_faults() == []
    assert run.ended_at is not None
    assert report_of(run).error is None
    assert house.stores.consolidations.consolidated_through(PROJECT) == run.started_at
    assert report_of(night(house, at="2026-03-11T02:00:00Z")) == ProjectReport(PROJECT)


def test_one_project_does_not_stop_the_others(house: CloudHouse) -> None:
    """GIVEN a project whose owners cannot be read WHEN night comes THEN it is recorded so, and the others are done."""
    house.stores.projects.create(a_project(OTHER_PROJECT))
    remembered(house)

    class Broken:
        """Fails for one project."""

        def list(self, project_id: str, page: PageRequest) -> object:
            if project_id == PROJECT:
                raise StoreBusyError("busy")
            return house.stores.owners.list(OTHER_PROJECT, page)

    run = night(house.with_stores(owners=Broken()))

    assert run.projects == (ProjectReport(PROJECT, error="StoreBusyError"), ProjectReport(OTHER_PROJECT))
    assert house.stores.consolidations.consolidated_through(PROJECT) is None
    assert [report.error for report in night(house).projects] == [None, None]


def test_scopes_that_failed_are_taken_up_the_next_night(house: CloudHouse) -> None:
    """GIVEN a model that is down WHEN scopes that need it fail THEN others are done, and these the next night."""
    house.embedder.is_up = False
    requests.add(house, "said", "Ana knows Bob.")
    requests.work_on(house, "said")
    house.project()
    house.stores.owners.touch(PROJECT, replace(ANA, user_id="bo"), at=house.clock.now())

    report = report_of(night(house))
    assert (report.scopes, report.failed, report.filled) == (1, 1, 0)

    house.embedder.is_up = True
    house.clock.advance(2 * 86_400)
    report = report_of(night(house, at="2026-03-12T02:00:00Z"))
    assert (report.scopes, report.failed, report.filled) == (1, 0, 1)


def test_a_run_that_fails_as_a_whole_says_why(house: CloudHouse) -> None:
    """The step that is given a failure writes its name to the record."""
    with steps_of(house):
        state = begin.handler({"input": {}, "started_at": iso(house.clock.now()), "holder": "one"}, None)
        fail.handler(state | {"error": {"Error": "StoreBusyError", "Cause": "{}"}}, None)

    run = house.stores.consolidations.get(state["run"]["run_id"])
    assert (run.error, run.ended_at) == ("StoreBusyError", house.clock.now())


def test_a_scope_whose_run_died_is_not_forgotten(house: CloudHouse) -> None:
    """GIVEN a run killed at a scope WHEN another one finds it held THEN the scope is done the night after."""
    house.stores.owners.touch(PROJECT, ANA, at=house.clock.now())

    def crash() -> None:
        raise Crash

    dying = house.with_stores(memories=Interruption("list", crash).of(house.stores.memories))
    with pytest.raises(Crash):
        night(dying)

    report = report_of(night(house, holder="two"))
    assert (report.scopes, report.failed) == (0, 1)
    house.clock.advance(2 * 86_400)
    report = report_of(night(house, at="2026-03-12T02:00:00Z", holder="three"))
    assert (report.scopes, report.failed) == (1, 0)
