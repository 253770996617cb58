"""One test a repair of moto's Step Functions: each fails when what the repair reaches for has moved."""

import inspect
import threading
from typing import Any

import pytest
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.iteration_worker import IterationWorker
from support.small_account import Account, task

from engines.cloud import Execution, repairs

MISSING = "States.Runtime"


def passed(account: Account, expression: dict[str, Any], given: Any) -> Execution:
    """Run one Pass state."""
    return account.run({"pass": {"Type": "Pass", "End": True, **expression}}, given)


def choice(**test: Any) -> dict[str, Any]:
    """Write a workflow that says whether a test holds."""
    return {
        "choose": {"Type": "Choice", "Choices": [{**test, "Next": "yes"}], "Default": "no"},
        "yes": {"Type": "Pass", "Result": "yes", "End": True},
        "no": {"Type": "Pass", "Result": "no", "End": True},
    }


def test_repairs_go_with_one_version_of_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of moto is refused before anything is patched."""
    monkeypatch.setattr("moto.__version__", "5.2.6")
    with pytest.raises(RuntimeError, match=r"5\.2\.6"):
        repairs.install.__wrapped__()


@pytest.mark.parametrize(
    ("path", "found"),
    [("$.a[1].n", 2), ("$.a[?(@.n > 5)]", []), ("$.a[*].n", [1, 2]), ("$.a[0:1].n", [1]), ("$.a[0]", {"n": 1})],
)
def test_paths_find_what_is_there(account: Account, path: str, found: Any) -> None:
    """A path to one place gives what is there, any other a list of what it finds."""
    execution = passed(account, {"Parameters": {"found.$": path}}, {"a": [{"n": 1}, {"n": 2}]})
    assert execution.output == {"found": found}


def test_path_to_nothing_is_an_error(account: Account) -> None:
    """A workflow that counts on what is not there fails."""
    assert passed(account, {"Parameters": {"found.$": "$.b.c"}}, {"a": 1}).error == MISSING


@pytest.mark.parametrize("said", ['she said "no"\n', "back\\slash", "plain"])
def test_queries_keep_strings(account: Account, said: str) -> None:
    """Variables and input reach a query as they are, quotes and all."""
    states = {
        "keep": {"Type": "Pass", "Assign": {"kept": "{% $states.input.said %}"}, "Next": "tell"},
        "tell": {"Type": "Pass", "Output": {"kept": "{% $kept %}", "n": "{% $length($kept) %}"}, "End": True},
    }
    execution = account.run(states, {"said": said}, QueryLanguage="JSONata")
    assert execution.output == {"kept": said, "n": len(said)}


@pytest.mark.parametrize("query", ["$states.input.none", "$number('x')", "1 +"])
def test_query_without_answer_has_an_error_of_its_own(account: Account, query: str) -> None:
    """What cannot be evaluated, or gives nothing, can be caught by the name it has on AWS."""
    caught = {"Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "caught"}]}
    states = {
        "ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "none", "Payload": f"{{% {query} %}}"},
            "End": True,
            **caught,
        },
        "caught": {"Type": "Pass", "Output": "caught", "End": True},
    }
    assert account.run(states, {}, QueryLanguage="JSONata").output == "caught"


def test_choice_looks_for_what_is_there(account: Account) -> None:
    """Asking about a field that is missing is an error; asking whether it is missing is none."""
    assert account.run(choice(Variable="$.a", NumericEquals=1), {"b": 1}).error == MISSING
    assert account.run(choice(Variable="$.a", IsPresent=True), {"b": 1}).output == "no"
    assert account.run(choice(Variable="$.a", NumericEquals=1), {"a": 1}).output == "yes"


@pytest.mark.parametrize("terminal", ["States.Runtime", "States.DataLimitExceeded"])
def test_nothing_catches_what_ends_an_execution(account: Account, terminal: str) -> None:
    """States.ALL matches every error of a function, but not the two that end an execution."""
    size = 300_000 if terminal == "States.DataLimitExceeded" else 1
    account.function("answer", lambda _event, _context: "x" * size)
    path = "$.Payload" if terminal == "States.DataLimitExceeded" else "$.Payload.none"
    caught = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "caught"}]}
    states = {"ask": task("answer", OutputPath=path, **caught), "caught": {"Type": "Succeed"}}
    assert account.run(states).error == terminal

    account.function("fail", lambda _event, _context: 1 / 0)
    assert account.run({**states, "ask": task("fail", **caught)}).status == "SUCCEEDED"


def test_map_sinks_no_deeper_with_each_item(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """All items are taken from the same depth of Python's stack, so that it does not matter how many there are."""
    depths: set[int] = set()
    take = IterationWorker._eval_job

    def noting(worker: Any, **named: Any) -> None:
        depths.add(len(inspect.stack(0)))
        take(worker, **named)

    monkeypatch.setattr(IterationWorker, "_eval_job", noting)
    each = {"StartAt": "each", "States": {"each": {"Type": "Pass", "End": True}}}
    mapped = {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": each, "End": True}
    assert account.run({"all": mapped}, [1, 2, 3, 4]).output == [1, 2, 3, 4]
    assert len(depths) == 1


@pytest.mark.parametrize(
    ("tolerated", "error"),
    [
        ({}, "States.ExceedToleratedFailureThreshold"),
        ({"ToleratedFailureCount": 1}, None),
        ({"ToleratedFailurePercentage": 50.0}, None),
        ({"ToleratedFailurePercentage": 49.0}, "States.ExceedToleratedFailureThreshold"),
    ],
)
def test_distributed_map_fails_with_its_items(account: Account, tolerated: dict[str, Any], error: str | None) -> None:
    """One of two items fails: none may unless that is tolerated, by number or by share."""
    account.function("divide", lambda event, _context: 1 / event)
    each = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "divide",
        "States": {"divide": task("divide")},
    }
    mapped = {"Type": "Map", "ItemProcessor": each, "End": True, **tolerated}
    assert account.run({"all": mapped}, [0, 1]).error == error


def test_starts_without_a_name_are_executions_of_their_own(account: Account) -> None:
    """Two starts that give none are two executions, and both can be listed."""
    machine = account.machine({"StartAt": "end", "States": {"end": {"Type": "Succeed"}}})
    first, second = account.start(machine).wait(), account.start(machine).wait()
    assert first.name != second.name
    listed = account.moto.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert {one["name"] for one in listed} == {first.name, second.name}


def test_name_makes_one_execution_of_a_standard_workflow_only(account: Account) -> None:
    """While it runs, a STANDARD workflow takes a start of the same name for the same; an EXPRESS one never does."""
    go_on = threading.Event()
    account.function("wait", lambda _event, _context: go_on.wait(20))
    definition = {"StartAt": "wait", "States": {"wait": task("wait")}}
    standard = account.machine(definition, name="standard")
    express = account.machine(definition, kind="EXPRESS", name="express")
    assert account.start(standard, name="same").arn == account.start(standard, name="same").arn
    assert account.start(express, name="same").arn != account.start(express, name="same").arn
    go_on.set()


def test_stopped_execution_stays_so(account: Account) -> None:
    """A task that fails after its execution was stopped changes nothing, and no state is entered."""
    began, go_on = threading.Event(), threading.Event()

    def fail(_event: Any, _context: Any) -> None:
        began.set()
        go_on.wait(20)
        raise ValueError

    account.function("fail", fail)
    caught = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "caught"}]}
    states = {"fail": task("fail", **caught), "caught": {"Type": "Succeed"}}
    execution = account.start(account.machine({"StartAt": "fail", "States": states}))
    assert began.wait(20)
    execution.stop()
    go_on.set()
    assert (execution.wait().status, execution.states) == ("ABORTED", ["fail"])


def test_beginning_of_an_execution_is_text(account: Account) -> None:
    """A workflow can hand on when it was started."""
    execution = passed(account, {"Parameters": {"at.$": "$$.Execution.StartTime"}}, {})
    assert execution.output["at"].endswith("Z")


def test_tasks_keep_their_client(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first task of a process makes a client."""
    account.function("echo", lambda event, _context: event)
    account.run({"echo": task("echo")}, {"n": 1})

    def refuse(**_named: object) -> None:
        raise AssertionError("a client was made")

    monkeypatch.setattr("boto3.client", refuse)
    assert account.run({"echo": task("echo")}, {"n": 2}).output == {"n": 2}


def test_definition_is_parsed_once(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starts after the first cost no parsing, and each begins anew: its retries are its own."""
    account.function("fail", lambda _event, _context: 1 / 0)
    retry = {"ErrorEquals": ["ZeroDivisionError"], "MaxAttempts": 2}
    machine = account.machine({"StartAt": "fail", "States": {"fail": task("fail", Retry=[retry])}})

    def refuse(_stream: object) -> None:
        raise AssertionError("a definition was parsed")

    monkeypatch.setattr("moto.stepfunctions.parser.asl.parse.asl_parser.ASLParser", refuse)
    for execution in (account.start(machine), account.start(machine)):
        assert execution.wait().error == "ZeroDivisionError"
    assert len(account.functions.invocations) == 6
