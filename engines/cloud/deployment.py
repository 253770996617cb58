"""Deploys our own account on moto: functions, workflows from their files, the bus, the bucket, and what joins them."""

import importlib
import inspect
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engines.cloud.functions import Handler

FUNCTIONS: Final = Path(__file__).parents[2] / "functions"
BUS: Final = "ricordo"
SENDERS: Final = "ricordo.client."
PREFIX: Final = "ricordo-"
EXPRESS: Final = {"ingest"}  # all other workflows are STANDARD
TIMEOUT_S: Final = 900  # what a step may take its state says
ROLE: Final = "ricordo"
_PLACE: Final = re.compile(r"\$\{(\w+)\}")

Clients = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Deployment:
    """What was made, by name.

    Attributes:
        functions: ARNs by name: `receive`, or `ingest-begin` for a step of a workflow.
        machines: ARNs by workflow.
        dead_letter_queue: Address of the queue for what could not be delivered.
    """

    clients: Clients
    bucket: str
    functions: Mapping[str, str]
    machines: Mapping[str, str]
    dead_letter_queue: str

    @property
    def environment(self) -> dict[str, str]:
        """What a process of Ricordo must be told of it."""
        return {
            "RICORDO_EVENT_BUS": BUS,
            "RICORDO_BUCKET": self.bucket,
            "RICORDO_DEAD_LETTER_QUEUE": self.dead_letter_queue,
            "RICORDO_INGEST_MACHINE": self.machines["ingest"],
            "RICORDO_FORGET_MACHINE": self.machines["forget"],
        }

    def start(self, flow: str, **given: Any) -> str:
        """Start a workflow; return the execution's ARN."""
        answer = self.clients("stepfunctions").start_execution(
            stateMachineArn=self.machines[flow], input=json.dumps(given)
        )
        return str(answer["executionArn"])

    def tick(self, name: str, **given: Any) -> str | None:
        """Do what the scheduler does when its time has come: invoke a function, or start a workflow.

        Returns:
            The execution's ARN, if it is a workflow.

        Raises:
            RuntimeError: the function failed.
        """
        if name in self.machines:
            return self.start(name, **given)
        answer = self.clients("lambda").invoke(FunctionName=self.functions[name], Payload=json.dumps(given))
        if "FunctionError" in answer:
            raise RuntimeError(json.load(answer["Payload"])["errorType"])
        return None


def our_handlers(folder: Path = FUNCTIONS) -> dict[str, Handler]:
    """Find the handlers of all functions, by name: `receive`, `sweep-vectors`, and steps as `ingest-begin`."""
    return dict(_found_handlers(folder))


def _found_handlers(folder: Path) -> Iterator[tuple[str, Handler]]:
    for path in sorted([*folder.glob("*/handler.py"), *folder.glob("*/steps/[!_]*.py")]):
        module = importlib.import_module(".".join(("functions", *path.relative_to(folder).with_suffix("").parts)))
        flow = path.relative_to(folder).parts[0]
        step = "" if path.stem == "handler" else path.stem
        for name, handler in inspect.getmembers(module, inspect.isfunction):
            if name.endswith("handler") and handler.__module__ == module.__name__:
                part = name.removesuffix("handler").rstrip("_")
                yield "-".join(filter(None, (flow, step, part))), handler


def deployed(handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """Return the handlers by the names under which their functions are deployed."""
    return {f"{PREFIX}{name}": handler for name, handler in handlers.items()}


def deploy(clients: Clients, handlers: Mapping[str, Any], *, bucket: str, folder: Path = FUNCTIONS) -> Deployment:
    """Deploy every `workflow.asl.json` below a folder, and the functions that have handlers.

    Args:
        clients: Returns the boto3 client of a service.
        handlers: By function name; only the names matter here, what answers is up to `functions.Functions`.
        bucket: Is there already.
        folder: Holds a folder for each workflow.

    Raises:
        KeyError: a workflow names a step that has no handler.
    """
    role = clients("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions = {name: _create_function(clients("lambda"), name, role) for name in handlers}
    machines = {
        path.parent.name: _create_machine(clients("stepfunctions"), path, functions, role)
        for path in sorted(folder.glob("*/workflow.asl.json"))
    }
    queue = clients("sqs").create_queue(QueueName=f"{PREFIX}dead-letters")["QueueUrl"]
    dead_letters = clients("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    deployment = Deployment(clients, bucket, functions, machines, queue)
    _join(deployment, dead_letters["Attributes"]["QueueArn"])
    return deployment


def _create_function(functions: Any, name: str, role: str) -> str:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("never_run.py", "")
    made = functions.create_function(
        FunctionName=f"{PREFIX}{name}",
        Runtime="python3.13",
        Role=role,
        Handler="never_run.handler",
        Timeout=TIMEOUT_S,
        Code={"ZipFile": code.getvalue()},
    )
    return str(made["FunctionArn"])


def _create_machine(machines: Any, path: Path, functions: Mapping[str, str], role: str) -> str:
    flow = path.parent.name

    def fill(place: re.Match[str]) -> str:
        return "aws" if place[1] == "Partition" else functions[f"{flow}-{place[1]}"]

    made = machines.create_state_machine(
        name=f"{PREFIX}{flow}",
        definition=_PLACE.sub(fill, path.read_text("utf-8")),
        roleArn=role,
        type="EXPRESS" if flow in EXPRESS else "STANDARD",
    )
    return str(made["stateMachineArn"])


def _join(deployment: Deployment, dead_letters: str) -> None:
    """Let events on our bus reach `receive`, and what is put below `imports/` start an import."""
    events = deployment.clients("events")
    events.create_event_bus(Name=BUS)
    if "receive" in deployment.functions:
        deployment.clients("lambda").put_function_event_invoke_config(
            FunctionName=deployment.functions["receive"],
            DestinationConfig={"OnFailure": {"Destination": dead_letters}},
        )
        asked: dict[str, Any] = {"source": [{"prefix": SENDERS}], "detail-type": ["MemoryAddRequested"]}
        _rule(events, BUS, "receive", asked, deployment.functions["receive"], dead_letters)
    if "bulk_import" in deployment.machines:
        stored = {"bucket": {"name": [deployment.bucket]}, "object": {"key": [{"prefix": "imports/"}]}}
        pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": stored}
        _rule(events, "default", "bulk-import", pattern, deployment.machines["bulk_import"], dead_letters)
        deployment.clients("s3").put_bucket_notification_configuration(
            Bucket=deployment.bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )


def _rule(events: Any, bus: str, name: str, pattern: Mapping[str, Any], target_arn: str, dead_letters: str) -> None:
    events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))
    target = {"Id": name, "Arn": target_arn, "DeadLetterConfig": {"Arn": dead_letters}}
    events.put_targets(Rule=name, EventBusName=bus, Targets=[target])
