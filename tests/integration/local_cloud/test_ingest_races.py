"""The ingestion workflow started twice, overtaken, or dead between two states: one effect."""

from dataclasses import replace
from typing import Any

import pytest
from support.builders import PROJECT
from support.ingestions import STEPS, accepted, add, assert_done, event_of, sweep
from support.whole_cloud import WholeCloud

from engines.cloud import Invocation
from ricordo.domain.episode import Episode
from ricordo.domain.event import EventStatus
from ricordo.domain.fact import Extraction
from ricordo.domain.ids import ProjectId
from ricordo.usecases.work_on_event import MAX_ATTEMPTS


def test_two_executions_at_once_do_the_work_once(cloud: WholeCloud) -> None:
    """GIVEN an event started twice at the same moment THEN one execution works and the other leaves."""
    event_id = add(cloud)
    cloud.start("ingest", project_id=PROJECT, event_id=event_id)
    executions = cloud.drain()

    assert [execution.status for execution in executions] == ["SUCCEEDED", "SUCCEEDED"]
    assert sorted("Extract" in execution.states for execution in executions) == [False, True]
    assert_done(cloud, event_id)


def test_an_execution_that_was_taken_over_leaves(cloud: WholeCloud) -> None:
    """GIVEN an execution that slept past its lease WHEN another took the event over THEN it ends and stores nothing."""
    event_id = accepted(cloud)
    seen: list[Invocation] = []

    def overtake(invocation: Invocation) -> None:
        if invocation.function == "ricordo-ingest-commit" and not seen:
            seen.append(invocation)
            cloud.house.clock.advance(3600)
            cloud.start("ingest", project_id=PROJECT, event_id=event_id).wait()

    cloud.functions.watchers.append(overtake)
    first = cloud.start("ingest", project_id=PROJECT, event_id=event_id)
    cloud.drain()

    assert first.states[-1] == "Done"
    assert "Finish" not in first.states
    assert_done(cloud, event_id)


PLACES = [(step, 1) for step in STEPS] + [(step, 2) for step in ("embed", "reconcile", "commit")]


@pytest.mark.parametrize(("step", "nth"), PLACES)
def test_a_death_between_two_states_loses_and_repeats_nothing(cloud: WholeCloud, step: str, nth: int) -> None:
    """GIVEN an execution that ends before any of its steps WHEN it is due THEN another one comes to the same end."""
    with cloud.dying_before(f"ingest-{step}", nth) as died:
        event_id = add(cloud)
        (execution,) = cloud.settle()
    assert died == [execution]
    assert execution.status != "SUCCEEDED"

    sweep(cloud)

    assert_done(cloud, event_id)


class CountingExtractor:
    """Counts how often it is asked."""

    def __init__(self, inner: Any) -> None:
        self.asked = 0
        self._inner = inner

    def extract(self, episode: Episode) -> Extraction:
        self.asked += 1
        extraction: Extraction = self._inner.extract(episode)
        return extraction


def test_a_model_is_asked_once_for_each_part(cloud: WholeCloud) -> None:
    """GIVEN an execution that died after the extraction WHEN another takes over THEN the model is not asked again."""
    extractor = CountingExtractor(cloud.house.extractor)
    cloud.move_into(replace(cloud.house, extractor=extractor))
    with cloud.dying_before("ingest-commit"):
        event_id = add(cloud)
        cloud.settle()
    sweep(cloud)

    assert_done(cloud, event_id)
    assert extractor.asked == 1


def test_project_of_an_event_cannot_be_borrowed(cloud: WholeCloud) -> None:
    """An execution told of another project's event finds nothing to do."""
    event_id = accepted(cloud)

    execution = cloud.start("ingest", project_id=ProjectId("another"), event_id=event_id).wait()

    assert (execution.status, execution.states) == ("SUCCEEDED", ["Begin", "IsMine", "Done"])
    assert event_of(cloud, event_id).status is EventStatus.PENDING


def test_an_event_whose_executions_all_die_fails_in_the_end(cloud: WholeCloud) -> None:
    """GIVEN executions that die without a word WHEN all tries are used up THEN the event FAILED and it is announced."""
    event_id = accepted(cloud)
    for _try in range(MAX_ATTEMPTS):
        with cloud.dying_before("ingest-extract"):
            cloud.start("ingest", project_id=PROJECT, event_id=event_id).wait()
        cloud.house.clock.advance(3600)

    sweep(cloud)

    event = event_of(cloud, event_id)
    assert (event.status, event.error) == (EventStatus.FAILED, "gave_up")
    assert [(one.event_id, one.reason) for one in cloud.house.announcements.kept] == [(event_id, "gave_up")]
