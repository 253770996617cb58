"""The account in this process: requests start our workflows, whose steps write the table, whose stream is projected.

    with open_whole_cloud(tmp_path) as cloud:
        status, body = cloud.request("POST", "/v3/memories/add/", {...})
        cloud.drain()
        assert cloud.house.texts() == [...]

Handlers find the house behind `ricordo.runtime.wiring.services`, whatever module they look it up in.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.builders import PROJECT, a_project
from support.cloud_house import CloudHouse, open_cloud_house
from support.dynamodb_stores import BUCKET
from support.events import AUTHORIZED, api_event
from support.moto_cloud import MotoCloud

from engines.cloud import (
    Deployment,
    Execution,
    Functions,
    Invocation,
    NotCarriedOutError,
    WorkflowClock,
    deploy,
    deployed,
    executing,
    executions,
    our_handlers,
)
from engines.cloud.deployment import BUS, PREFIX
from functions.api import handler as api
from ricordo.adapters.dynamodb.table import Table
from ricordo.local.gateway import LambdaContext
from ricordo.runtime import wiring
from ricordo.runtime.services import Services
from ricordo.runtime.settings import Settings
from ricordo.runtime.workflows import ingestion_of

MOST_ROUNDS = 100


@dataclass(slots=True)
class WholeCloud:
    """A house whose handlers are deployed.

    Attributes:
        house: What the handlers find behind their ports; see `move_into`.
        functions: Says what was invoked with what, and how it ended.
        clock: Says what workflows waited for; the house's clock moves on by it.
    """

    house: CloudHouse
    functions: Functions
    clock: WorkflowClock
    deployment: Deployment

    def request(self, method: str, path: str, body: object = None, *, query: str = "") -> tuple[int, Any]:
        """Have the API function answer a request of the house's project; return status and body."""
        caller = AUTHORIZED | {"project_id": self.house.project_id}
        answer = api.handler(api_event(method, path, body, query=query, authorizer=caller), LambdaContext("api"))
        return answer["statusCode"], json.loads(answer["body"])

    def send(self, detail: dict[str, Any], detail_type: str = "MemoryAddRequested") -> None:
        """Put an event on the bus, as a client of the house's project does."""
        entry = {
            "Source": f"ricordo.client.{self.house.project_id}",
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
            "EventBusName": BUS,
        }
        assert MotoCloud().client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0

    def start(self, flow: str, **given: Any) -> Execution:
        """Start a workflow."""
        return self.execution(self.deployment.start(flow, **given))

    def tick(self, name: str, **given: Any) -> None:
        """Do what the scheduler does: invoke a function, `sweep` or `sweep-vectors`, or start a workflow."""
        self.deployment.tick(name, **{"at": self.house.clock.now().isoformat(), **given})

    def executions(self, flow: str | None = None) -> list[Execution]:
        """Return the executions of a workflow, or all, oldest first."""
        return executions(None if flow is None else self.deployment.machines[flow])

    def execution(self, arn: str) -> Execution:
        """Return one execution."""
        return next(one for one in executions() if one.arn == arn)

    def settle(self) -> list[Execution]:
        """Wait until no execution runs, those included that others start; return all."""
        seen = -1
        for _round in range(MOST_ROUNDS):
            ended = [execution.wait() for execution in executions()]
            if len(ended) == seen:
                return ended
            seen = len(ended)
        raise AssertionError("executions start others without end")

    def drain(self) -> list[Execution]:
        """Let all be done that was begun: executions, then what the stream says of them. Return the executions."""
        for _round in range(MOST_ROUNDS):
            ended = self.settle()
            self.house.project()
            if len(executions()) == len(ended):
                return ended
        raise AssertionError("projections start executions without end")

    def move_into(self, house: CloudHouse) -> None:
        """Have all handlers work in another house from now on, e.g. one with a store exchanged."""
        self.house = house
        wiring.services.cache_clear()

    @contextmanager
    def dying_before(self, function: str, nth: int = 1) -> Iterator[list[Execution]]:
        """Have an execution end before its process calls a function for the nth time, counted over all of them.

        Nothing of it runs afterwards. Yields a list that then holds it.
        """
        died: list[Execution] = []
        calls: list[Invocation] = []

        def watch(invocation: Invocation) -> None:
            if invocation.function != f"{PREFIX}{function}" or invocation.execution is None:
                return
            calls.append(invocation)
            if len(calls) == nth:
                died.append(self.execution(invocation.execution))
                died[0].stop()
                raise NotCarriedOutError(function)

        self.functions.watchers.append(watch)
        try:
            yield died
        finally:
            self.functions.watchers.remove(watch)

    def _services(self, _settings: Settings) -> Services:
        """Wire the house, its ingestion apart, which starts the workflows."""
        machines = self.deployment.machines
        settings = Settings(profile="aws", ingest_machine=machines["ingest"], forget_machine=machines["forget"])
        bench = self.house.bench
        ingestion = ingestion_of(
            settings, table=Table(bench.cloud.dynamodb, bench.table_name), client=MotoCloud().client("stepfunctions")
        )
        return replace(self.house.services, ingestion=ingestion)


@contextmanager
def open_whole_cloud(folder: Path) -> Iterator[WholeCloud]:
    """Deploy the account over an empty house with one project."""
    handlers = our_handlers()
    functions = Functions(deployed(handlers))
    with open_cloud_house(folder) as house, ExitStack() as stack:
        stack.callback(wiring.services.cache_clear)
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        clock = WorkflowClock(passed=house.clock.advance)
        stack.enter_context(executing(functions, clock))
        house.stores.projects.create(a_project(PROJECT))
        cloud = WholeCloud(house, functions, clock, deploy(MotoCloud().client, handlers, bucket=BUCKET))
        patched.setattr(wiring, "wire", cloud._services)
        wiring.services.cache_clear()
        yield cloud
