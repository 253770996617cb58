"""Every retry of the workflows of adds and deletions: which errors, how often, with what pauses, as their files say."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.builders import PROJECT
from support.ingestions import add, assert_done, event_of
from support.moto_cloud import MotoCloud
from support.whole_cloud import WholeCloud

from ricordo.domain.event import EventStatus
from ricordo.domain.ids import EventId

FUNCTIONS = Path(__file__).parents[3] / "functions"
GIVES_BACK, BY_WORDS = "GiveBack", "ByWords"


def tasks(flow: str) -> dict[str, Any]:
    """Return the tasks of a workflow by name, those of its maps included."""
    found: dict[str, Any] = {}

    def look(states: Mapping[str, Any]) -> None:
        for name, state in states.items():
            if state["Type"] == "Task":
                found[name] = state
            if state["Type"] == "Map":
                look(state["ItemProcessor"]["States"])

    look(json.loads((FUNCTIONS / flow / "workflow.asl.json").read_text("utf-8"))["States"])
    return found


def step_of(state: Mapping[str, Any]) -> str:
    """Return the step a task calls."""
    return str(state["Parameters"]["FunctionName"]).strip("${}")


def longest_pauses(retrier: Mapping[str, Any]) -> list[float]:
    """Return what the pauses are drawn from: full jitter takes any time up to these.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    interval, rate = retrier["IntervalSeconds"], retrier["BackoffRate"]
    longest = [interval * rate**number for number in range(retrier["MaxAttempts"])]
    return [min(pause, retrier.get("MaxDelaySeconds", pause)) for pause in longest]


def error_named(name: str) -> Exception:
    """Make an exception whose class has a name, which is what Lambda tells a workflow."""
    made: Exception = type(name, (Exception,), {})()
    return made


@contextmanager
def failing(cloud: WholeCloud, flow: str, faults: Mapping[str, tuple[str, int]]) -> Iterator[None]:
    """Have the first calls of each step end in an error of a name, before they do anything."""
    left = {step: times for step, (_, times) in faults.items()}
    real = dict(cloud.functions.handlers)

    def failing_first(step: str, handler: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        def handle(event: Any, context: Any) -> Any:
            if left[step]:
                left[step] -= 1
                raise error_named(faults[step][0])
            return handler(event, context)

        return handle

    names = {step: f"ricordo-{flow}-{step}" for step in faults}
    cloud.functions.handlers = real | {names[step]: failing_first(step, real[names[step]]) for step in faults}
    yield
    cloud.functions.handlers = real


def assert_waited(cloud: WholeCloud, retriers: Mapping[str, Mapping[str, Any]]) -> None:
    """Each state was tried again as often as its retrier allows, with pauses no longer than it says."""
    waited: defaultdict[str, list[float]] = defaultdict(list)
    for pause in cloud.clock.pauses:
        waited[pause.state].append(pause.seconds)
    for state, retrier in retriers.items():
        longest = longest_pauses(retrier)
        assert len(waited[state]) == len(longest), state
        assert [seconds <= most for seconds, most in zip(waited[state], longest, strict=True)] == [True] * len(longest)
    assert set(waited) == set(retriers)


def retriers_of(flow: str, kind: int, *, among: Callable[[str], bool]) -> dict[str, Any]:
    """Return one retrier of each state."""
    return {name: state["Retry"][kind] for name, state in tasks(flow).items() if among(name)}


def faults_of(flow: str, retriers: Mapping[str, Any], number: int) -> dict[str, tuple[str, int]]:
    """Say what each step shall fail with, as often as its state tries again."""
    known = tasks(flow)
    names = {state: raised_by(retrier) for state, retrier in retriers.items()}
    return {
        step_of(known[state]): (names[state][number % len(names[state])], retrier["MaxAttempts"])
        for state, retrier in retriers.items()
    }


def raised_by(retrier: Mapping[str, Any]) -> list[str]:
    """Return the errors that a function can end with; `States.Timeout` is the workflow's own."""
    return [name for name in retrier["ErrorEquals"] if not name.startswith("States.")]


def rounds(flow: str) -> list[tuple[int, int]]:
    """Return places of retriers, and of error names in them, so that each name of each state comes up."""
    lengths: Counter[int] = Counter()
    for state in tasks(flow).values():
        for kind, retrier in enumerate(state["Retry"]):
            lengths[kind] = max(lengths[kind], len(raised_by(retrier)))
    return [(kind, number) for kind, most in lengths.items() for number in range(most)]


@pytest.mark.parametrize(("kind", "number"), rounds("ingest"))
def test_every_step_of_an_add_is_tried_again(cloud: WholeCloud, kind: int, number: int) -> None:
    """GIVEN steps that each fail as often as their retries allow WHEN they then succeed THEN nothing of it is seen."""
    retriers = retriers_of("ingest", kind, among=lambda name: name != GIVES_BACK and BY_WORDS not in name)
    with failing(cloud, "ingest", faults_of("ingest", retriers, number)):
        event_id = add(cloud)
        (execution,) = cloud.drain()

    assert execution.status == "SUCCEEDED"
    assert_waited(cloud, retriers)
    assert_done(cloud, event_id)
    assert event_of(cloud, event_id).attempts == 1


@pytest.mark.parametrize("kind", range(3))
def test_pages_without_vectors_are_tried_again(cloud: WholeCloud, kind: int) -> None:
    """GIVEN an embedder that is down WHEN the steps that do without it fail for a while THEN the add succeeds."""
    retriers = retriers_of("ingest", kind, among=lambda name: BY_WORDS in name)
    embedding = tasks("ingest")["Embed"]["Retry"][2]
    faults = faults_of("ingest", retriers, 0) | {"embed": ("EmbedderUnavailableError", 99)}
    with failing(cloud, "ingest", faults):
        event_id = add(cloud)
        (execution,) = cloud.drain()

    assert execution.status == "SUCCEEDED"
    assert_waited(cloud, retriers | {"Embed": embedding})
    assert_done(cloud, event_id)


@pytest.mark.parametrize("kind", range(3))
@pytest.mark.parametrize("flow", ["ingest", "forget"])
def test_giving_back_is_tried_again(cloud: WholeCloud, flow: str, kind: int) -> None:
    """GIVEN a step that no try helps WHEN the last step fails for a while too THEN the reason still gets written."""
    retriers = retriers_of(flow, kind, among=lambda name: name == GIVES_BACK)
    poisoned = {"ingest": "extract", "forget": "remove"}[flow]
    with failing(cloud, flow, faults_of(flow, retriers, 0) | {poisoned: ("Poisoned", 99)}):
        event_id = add(cloud) if flow == "ingest" else delete_all(cloud)
        cloud.drain()

    assert_waited(cloud, retriers)
    event = event_of(cloud, event_id)
    assert (event.status, event.error) == (EventStatus.FAILED, "internal_error")


def delete_all(cloud: WholeCloud) -> EventId:
    """Have all of Ana's memories deleted; return the event."""
    _status, told = cloud.request("DELETE", "/v1/memories/", query="user_id=ana")
    return EventId(told["event_id"])


@pytest.mark.parametrize(("kind", "number"), rounds("forget"))
def test_every_step_of_a_deletion_is_tried_again(cloud: WholeCloud, kind: int, number: int) -> None:
    """GIVEN steps that each fail as often as their retries allow WHEN they then succeed THEN nothing of it is seen."""
    add(cloud)
    cloud.drain()
    retriers = retriers_of("forget", kind, among=lambda name: name != GIVES_BACK)
    with failing(cloud, "forget", faults_of("forget", retriers, number)):
        event_id = delete_all(cloud)
        cloud.drain()

    assert_waited(cloud, retriers)
    event = cloud.house.stores.events.get(PROJECT, event_id)
    assert (event.status, event.notes["removed"]) == (EventStatus.SUCCEEDED, 20)
    assert cloud.house.texts() == []
    assert cloud.house.projection_faults() == []


def test_a_step_that_is_late_is_tried_again(cloud: WholeCloud) -> None:
    """GIVEN an extraction that outlasts its time WHEN the next try is quick THEN what comes late does no harm."""
    machines, arn = MotoCloud().client("stepfunctions"), cloud.deployment.machines["ingest"]
    definition = json.loads(machines.describe_state_machine(stateMachineArn=arn)["definition"])
    definition["States"]["Extract"]["TimeoutSeconds"] = 1
    machines.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))
    name, came_late = "ricordo-ingest-extract", []
    real = cloud.functions.handlers[name]

    def late_at_first(event: Any, context: Any) -> Any:
        if not came_late:
            came_late.append(True)
            time.sleep(1.5)
        return real(event, context)

    cloud.functions.handlers = {**cloud.functions.handlers, name: late_at_first}
    event_id = add(cloud)
    (execution,) = cloud.drain()

    assert execution.status == "SUCCEEDED"
    (waited,) = cloud.clock.pauses
    assert (waited.state, waited.seconds <= 2) == ("Extract", True)
    assert_done(cloud, event_id)
