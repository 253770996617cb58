"""The ingestion workflow, from its file: what it does when a step fails, is late, runs twice or dies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from support.builders import PROJECT
from support.ingestions import ADD, STEPS, add, assert_done, event_of, sweep
from support.whole_cloud import WholeCloud

from ricordo.domain.announcement import AnnouncementType
from ricordo.domain.episode_parts import PART_MESSAGES
from ricordo.domain.errors import (
    ExtractorUnavailableError,
    StoreBusyError,
)
from ricordo.domain.event import EventStatus
from ricordo.usecases.work_on_event import MAX_ATTEMPTS


@contextmanager
def failing(cloud: WholeCloud, step: str, error: Callable[[], Exception], times: int) -> Iterator[None]:
    """Have the first calls of a step end in an error before they do anything."""
    name = f"ricordo-ingest-{step}"
    handlers = dict(cloud.functions.handlers)
    left = [times]

    def handler(event: Any, context: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise error()
        return handlers[name](event, context)

    cloud.functions.handlers = {**handlers, name: handler}
    yield
    cloud.functions.handlers = handlers


class Poisoned(Exception):  # noqa: N818  a fault that nobody foresaw
    """What is never right, however often it is tried."""


@pytest.mark.parametrize("step", [step for step in STEPS if step != "embed"])
def test_a_part_that_stays_down_is_waited_for(cloud: WholeCloud, step: str) -> None:
    """GIVEN a store that is busy beyond all retries WHEN it is back THEN the sweep has the event carried out."""
    with failing(cloud, step, lambda: StoreBusyError("busy"), times=99):
        event_id = add(cloud)
        (execution,) = cloud.settle()
        waiting = event_of(cloud, event_id)
    assert execution.status == "FAILED"
    assert waiting.status is EventStatus.PENDING
    assert waiting.error == (None if step == "begin" else "store_busy")

    sweep(cloud)

    assert_done(cloud, event_id)


def test_without_the_embedder_pages_are_stored_by_their_words(cloud: WholeCloud) -> None:
    """GIVEN an embedder that stays down WHEN an add is carried out THEN it succeeds; vectors are filled in later."""
    cloud.house.embedder.is_up = False
    event_id = add(cloud)
    (execution,) = cloud.drain()

    assert execution.status == "SUCCEEDED"
    assert execution.states.count("Embed") == 1
    assert_done(cloud, event_id)
    assert {memory.embedding for memory in cloud.house.memories()} == {None}

    cloud.house.embedder.is_up = True
    cloud.tick("sweep-vectors")
    cloud.tick("sweep-vectors")
    assert all(memory.embedding for memory in cloud.house.memories())


@pytest.mark.parametrize("step", STEPS)
def test_what_would_fail_again_ends_as_failed_and_can_be_redriven(cloud: WholeCloud, step: str) -> None:
    """GIVEN a step that no try helps THEN the event FAILED with a reason, is announced, and starts over when told."""
    with failing(cloud, step, lambda: Poisoned("Sam likes tea"), times=99):
        event_id = add(cloud)
        (execution,) = cloud.settle()
    assert execution.status == "FAILED"
    event = event_of(cloud, event_id)
    if step == "begin":  # nobody holds the event yet: it is due again
        assert event.status is EventStatus.PENDING
        sweep(cloud)
        assert_done(cloud, event_id)
        return
    assert (execution.error, execution.cause) == ("Poisoned", "FAILED")
    assert (event.status, event.error) == (EventStatus.FAILED, "internal_error")
    assert [message.content for message in event.messages] == [ADD["messages"][0]["content"]]
    assert [(one.type, one.event_id, one.reason) for one in cloud.house.announcements.kept] == [
        (AnnouncementType.INGEST_FAILED, event_id, "internal_error")
    ]

    cloud.house.stores.relay.redrive(PROJECT, event_id, now=cloud.house.clock.now())
    cloud.tick("sweep")
    cloud.drain()

    assert_done(cloud, event_id)


def test_an_event_that_never_succeeds_fails_in_the_end(cloud: WholeCloud) -> None:
    """GIVEN a model that stays down WHEN all tries are used up THEN the event FAILED with the reason."""
    with failing(cloud, "extract", lambda: ExtractorUnavailableError("no model"), times=999):
        event_id = add(cloud)
        cloud.settle()
        for _sweep in range(MAX_ATTEMPTS):
            cloud.house.clock.advance(3600)
            cloud.tick("sweep")
            cloud.settle()

    event = event_of(cloud, event_id)
    assert (event.status, event.error, event.attempts) == (EventStatus.FAILED, "extractor_unavailable", MAX_ATTEMPTS)
    assert len(cloud.executions("ingest")) == MAX_ATTEMPTS
    assert len(cloud.house.announcements.kept) == 1


def test_a_step_that_takes_too_long_is_tried_again(cloud: WholeCloud) -> None:
    """GIVEN an extraction that is cut off by time WHEN it is quick the next time THEN the add is carried out."""
    with failing(cloud, "extract", TimeoutOfLambda, times=1):
        event_id = add(cloud)
        (execution,) = cloud.drain()
    assert execution.status == "FAILED"
    assert event_of(cloud, event_id).error == "timed_out"

    sweep(cloud)

    assert_done(cloud, event_id)


def test_a_long_episode_is_several_executions(cloud: WholeCloud) -> None:
    """GIVEN more messages than a part has THEN each part is an execution, and all of it is remembered in order."""
    contents = [f"Note {number:04} is about tea." for number in range(PART_MESSAGES + 40)]
    body = {"messages": [{"role": "user", "content": text} for text in contents], "user_id": "ana", "infer": False}
    event_id = add(cloud, body)
    executions = cloud.drain()

    assert [execution.status for execution in executions] == ["SUCCEEDED", "SUCCEEDED"]
    event = event_of(cloud, event_id)
    assert (event.status, event.parts_done) == (EventStatus.SUCCEEDED, 2)
    assert [result.text for result in event.results] == contents
    assert len(cloud.house.texts()) == len(contents)


def test_state_stays_small_and_says_nothing(cloud: WholeCloud) -> None:
    """No state holds what was said, and none nears the limit of 256 KB."""
    add(cloud)
    (execution,) = cloud.drain()

    history = str(execution.history)
    assert "tea" not in history
    largest = max(len(str(event)) for event in execution.history)
    assert largest < 16 * 1024


class TimeoutOfLambda(Exception):  # noqa: N818  its name is what Lambda says
    """What a function that ran out of time looks like."""


TimeoutOfLambda.__name__ = "Sandbox.Timedout"
