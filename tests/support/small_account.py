"""An account in this process with functions and workflows that a test writes down."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from support.moto_cloud import MotoCloud, moto_cloud

from engines.cloud import Execution, Functions, WorkflowClock, executing, executions


@dataclass(slots=True)
class Account:
    """Functions, workflows and what they waited for.

    Attributes:
        functions: Its handlers may be added to; `function` makes the function for one.
    """

    moto: MotoCloud
    functions: Functions
    clock: WorkflowClock
    role: str
    handlers: dict[str, Any] = field(default_factory=dict)

    def function(self, name: str, handler: Any, **settings: Any) -> str:
        """Make a function; return its ARN."""
        self.handlers[name] = handler
        made = self.moto.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=self.role,
            Handler="never.run",
            Code={"ZipFile": b""},
            **{"Timeout": 30} | settings,
        )
        return str(made["FunctionArn"])

    def machine(self, definition: dict[str, Any], *, kind: str = "STANDARD", name: str = "machine") -> str:
        """Make a workflow; return its ARN."""
        made = self.moto.client("stepfunctions").create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=self.role, type=kind
        )
        return str(made["stateMachineArn"])

    def start(self, machine: str, given: Any = None, **named: Any) -> Execution:
        """Start an execution."""
        answer = self.moto.client("stepfunctions").start_execution(
            stateMachineArn=machine, input=json.dumps({} if given is None else given), **named
        )
        return next(one for one in executions(machine) if one.arn == answer["executionArn"])

    def run(self, states: dict[str, Any], given: Any = None, **top: Any) -> Execution:
        """Run a workflow of its own with these states, from the first on, to its end."""
        definition = {"StartAt": next(iter(states)), "States": states, **top}
        name = f"machine-{len(executions())}"
        return self.start(self.machine(definition, name=name), given).wait()


def task(function: str, **fields: Any) -> dict[str, Any]:
    """Write a state that invokes a function with its input, and ends unless it says what is next."""
    end = {} if "Next" in fields else {"End": True}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload.$": "$"},
        "OutputPath": "$.Payload",
        **end,
        **fields,
    }


@contextmanager
def small_account() -> Iterator[Account]:
    """Open an empty account."""
    clock, handlers = WorkflowClock(), dict[str, Any]()
    functions = Functions(handlers)
    with moto_cloud() as moto, executing(functions, clock):
        role = moto.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        yield Account(moto, functions, clock, role, handlers)
