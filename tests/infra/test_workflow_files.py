"""What no linter sees in the definitions of workflows: states nobody reaches, names that lead nowhere."""

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from support.templates import ROOT, Synthesized

from infra.functions import EXPRESS, function_of, size_of, steps_of, tasks_in, workflow_path, workflows
from ricordo.domain import errors

Machine = Mapping[str, Any]
FLOWS = workflows()
ENDINGS = {"Succeed", "Fail"}


def _definition(flow: str) -> Machine:
    read: Machine = json.loads(workflow_path(flow).read_text("utf-8"))
    return read


def _inner(state: Machine) -> Iterator[Machine]:
    if "ItemProcessor" in state:
        yield state["ItemProcessor"]
    yield from state.get("Branches", ())


def _machines(machine: Machine) -> Iterator[Machine]:
    yield machine
    for state in machine["States"].values():
        for inner in _inner(state):
            yield from _machines(inner)


def _followers(state: Machine) -> list[str]:
    choices = [choice["Next"] for choice in state.get("Choices", ())]
    catches = [catch["Next"] for catch in state.get("Catch", ())]
    return [name for name in (state.get("Next"), state.get("Default"), *choices, *catches) if name]


@pytest.mark.parametrize("flow", FLOWS)
def test_every_state_is_reached_and_leads_on(flow: str) -> None:
    """From the start every state can be reached, every `Next` exists, and every state ends or goes on."""
    for machine in _machines(_definition(flow)):
        states, reached, waiting = machine["States"], set[str](), [machine["StartAt"]]
        while waiting:
            name = waiting.pop()
            assert name in states
            if name not in reached:
                reached.add(name)
                waiting += _followers(states[name])
        assert reached == set(states)
        for name, state in states.items():
            goes_on = "Next" in state or state["Type"] == "Choice"
            assert goes_on != (state.get("End", False) or state["Type"] in ENDINGS), name


@pytest.mark.parametrize("flow", FLOWS)
def test_placeholders_are_the_steps(flow: str) -> None:
    """A definition names each file of its steps, and nothing else but the partition."""
    named = set(re.findall(r"\$\{(\w+)\}", workflow_path(flow).read_text("utf-8")))
    assert named == {*steps_of(flow), "Partition"}


@pytest.mark.parametrize("flow", FLOWS)
def test_errors_have_names_that_can_come(flow: str) -> None:
    """What is retried or caught is of Step Functions, of Lambda, or a class of our errors."""
    ours = {name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, Exception)}
    named = {
        name
        for machine in _machines(_definition(flow))
        for state in machine["States"].values()
        for rule in (*state.get("Retry", ()), *state.get("Catch", ()))
        for name in rule["ErrorEquals"]
    }
    assert {name for name in named if name not in ours and not name.startswith(("States.", "Lambda."))} == set()


@pytest.mark.parametrize("flow", FLOWS)
def test_everything_has_an_end(flow: str) -> None:
    """Machine and tasks have time-outs; an express machine ends within the five minutes it has at most."""
    machine = _definition(flow)
    assert machine["TimeoutSeconds"] <= (300 if flow in EXPRESS else 24 * 3600)
    assert all(task["TimeoutSeconds"] <= 900 for task in tasks_in(machine))


@pytest.mark.parametrize("flow", FLOWS)
def test_a_step_does_not_outlive_its_task(flow: str) -> None:
    """A function is stopped when its task is given up, or its next try would find it still at work."""
    timeouts = {function_of(task): task["TimeoutSeconds"] for task in tasks_in(_definition(flow))}
    for step, entry in steps_of(flow).items():
        assert size_of(entry).timeout_s == timeouts[f"${{{step}}}"], step


def test_machines_are_made_of_these_files(stage: Synthesized) -> None:
    """Each flow has one machine, of its kind, filled with its own functions, and logs no inputs or outputs."""
    made = {one["StateMachineName"]: one for one in stage.properties("AWS::StepFunctions::StateMachine").values()}
    assert set(made) == {f"{stage.settings.prefix}-{flow}" for flow in FLOWS}
    for flow in FLOWS:
        machine = made[f"{stage.settings.prefix}-{flow}"]
        assert machine["StateMachineType"] == ("EXPRESS" if flow in EXPRESS else "STANDARD")
        assert set(machine["DefinitionSubstitutions"]) == {*steps_of(flow), "Partition"}
        assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
        assert machine["TracingConfiguration"] == {"Enabled": True}


def test_the_files_lie_beside_their_steps() -> None:
    """There are no definitions anywhere else."""
    assert {path.parent.name for path in ROOT.glob("functions/**/*.asl.json")} == set(FLOWS)
