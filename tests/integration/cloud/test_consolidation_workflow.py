"""The nightly run as its workflow carries it out: the file itself, with the real steps."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support import cloud_requests as requests
from support import events
from support.builders import OTHER_PROJECT, PROJECT, a_memory, a_project
from support.cloud_house import CloudHouse, open_cloud_house
from support.dynamodb_stores import BUCKET
from support.moto_cloud import MotoCloud
from support.nights import NIGHT, STEPS, steps_of

from engines.cloud import Deployment, Execution, Functions, Invocation, WorkflowClock, deploy, executing, executions
from engines.cloud.deployment import FUNCTIONS
from ricordo.domain.consolidation import ProjectReport
from ricordo.domain.drift import Drift
from ricordo.domain.errors import StoreBusyError
from ricordo.domain.ids import ProjectId
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import Scope

MOST_CHARS = 16_000  # of a state; 262,144 are allowed
MENDED = Drift(missing=1, mended=1)


@dataclass(frozen=True, slots=True)
class Nights:
    """The workflow over a house."""

    house: CloudHouse
    deployment: Deployment
    functions: Functions
    clock: WorkflowClock

    def start(self, at: str = NIGHT) -> Execution:
        """Do what the schedule does."""
        arn = self.deployment.tick("consolidate", at=at)
        return next(one for one in executions(self.deployment.machines["consolidate"]) if one.arn == arn)

    def reports(self, at: str = NIGHT) -> tuple[ProjectReport, ...]:
        """Return what a run did."""
        return self.house.stores.consolidations.get(at).projects

    def pauses(self, state: str) -> list[float]:
        """Return how long a state waited before each further try."""
        return [pause.seconds for pause in self.clock.pauses if pause.state == state]

    def touch(self, scopes: int) -> None:
        """Have so many scopes changed."""
        for number in range(scopes):
            self.house.stores.owners.touch(PROJECT, Scope(user_id=f"user {number}"), at=self.house.clock.now())


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Nights]:
    """The workflow over a house with one project, in an account of its own."""
    folder = tmp_path / "functions"
    shutil.copytree(FUNCTIONS / "consolidate", folder / "consolidate")
    handlers = {f"consolidate-{name}": step.handler for name, step in STEPS.items()}
    functions = Functions({f"ricordo-{name}": handler for name, handler in handlers.items()})
    clock = WorkflowClock()
    with executing(functions, clock), open_cloud_house(tmp_path) as house, steps_of(house):
        house.stores.projects.create(a_project())
        yield Nights(house, deploy(MotoCloud().client, handlers, bucket=BUCKET, folder=folder), functions, clock)


def test_the_workflow_does_what_the_steps_do(nights: Nights) -> None:
    """GIVEN two projects with drift and changed scopes WHEN night comes THEN all is done, recorded, and little said."""
    house = nights.house
    house.stores.projects.create(a_project(OTHER_PROJECT))
    nights.touch(52)
    house.stores.memories.insert([a_memory("lost"), a_memory("lost too", project_id=OTHER_PROJECT)])
    house.clock.advance(2 * 86_400)

    execution = nights.start(**events.read("consolidate")["nightly"]).wait()

    assert execution.status == "SUCCEEDED"
    assert execution.output == {"run_id": NIGHT, "projects": 2, "stopped_short": 0}
    assert nights.reports() == (
        ProjectReport(PROJECT, scopes=52, index=MENDED, graph=MENDED),
        ProjectReport(OTHER_PROJECT, index=MENDED, graph=MENDED),
    )
    assert house.projection_faults() == []
    assert max(len(json.dumps(one.event)) for one in nights.functions.invocations) < MOST_CHARS


def test_one_project_stops_no_other(nights: Nights) -> None:
    """GIVEN a project whose scopes cannot be read WHEN six tries have failed THEN that is recorded, the others done."""
    house = nights.house
    house.stores.projects.create(a_project(OTHER_PROJECT))

    class Busy:
        """Cannot list the owners of one project."""

        def list(self, project_id: ProjectId, page: PageRequest) -> Any:
            if project_id == PROJECT:
                raise StoreBusyError("busy")
            return house.stores.owners.list(project_id, page)

    with steps_of(house.with_stores(owners=Busy())):
        execution = nights.start().wait()

    assert execution.output == {"run_id": NIGHT, "projects": 2, "stopped_short": 1}
    assert nights.reports() == (ProjectReport(PROJECT, error="StoreBusyError"), ProjectReport(OTHER_PROJECT))
    longest = [5, 10, 20, 40, 80]
    assert all(pause <= most for pause, most in zip(nights.pauses("ListScopes"), longest, strict=True))


def test_a_model_that_is_down_stops_neither_sweep_nor_repair(nights: Nights) -> None:
    """GIVEN scopes that need the model WHEN it stays down THEN they count as failed, and the rest is done."""
    house = nights.house
    house.embedder.is_up = False
    requests.add(house, "said", "Ana knows Bob.")
    requests.work_on(house, "said")
    house.clock.advance(2 * 86_400)

    assert nights.start().wait().status == "SUCCEEDED"

    assert nights.reports() == (ProjectReport(PROJECT, failed=1, index=MENDED, graph=MENDED),)
    assert len(nights.pauses("Consolidate")) == 5
    assert house.stores.consolidations.consolidated_through(PROJECT) is None


def test_a_run_that_cannot_go_on_fails_and_says_why(nights: Nights) -> None:
    """GIVEN projects that cannot be listed WHEN all tries have failed THEN execution and record carry the error."""

    class Busy:
        """Cannot list projects."""

        def list(self) -> Any:
            raise StoreBusyError("busy")

    with steps_of(nights.house.with_stores(projects=Busy())):
        execution = nights.start().wait()

    assert (execution.status, execution.error) == ("FAILED", "StoreBusyError")
    assert nights.house.stores.consolidations.get(NIGHT).error == "StoreBusyError"


@pytest.mark.parametrize("step", ["consolidate", "mend", "record"])
def test_a_run_stopped_at_any_step_is_taken_up(nights: Nights, step: str) -> None:
    """GIVEN an execution that is stopped WHEN the same run is started again THEN it ends as if nothing had happened."""
    nights.touch(3)
    nights.house.stores.memories.insert([a_memory("lost")])
    nights.house.clock.advance(2 * 86_400)
    started: list[Execution] = []

    def stop(invocation: Invocation) -> None:
        if invocation.function == f"ricordo-consolidate-{step}" and len(started) == 1:
            started[0].stop()

    nights.functions.watchers.append(stop)
    started.append(nights.start())
    started[0].wait()
    started.append(nights.start())

    assert started[1].wait().status == "SUCCEEDED"
    (report,) = nights.reports()
    assert replace(report, scopes=0, index=Drift(), graph=Drift()) == ProjectReport(PROJECT)
    assert nights.house.projection_faults() == []


def test_two_executions_at_once_share_the_scopes(nights: Nights) -> None:
    """GIVEN two runs at the same time WHEN both end THEN each scope was handled by one of them."""
    nights.touch(26)

    runs = [nights.start(at) for at in (NIGHT, "2026-03-10T02:00:01Z")]

    assert [run.wait().status for run in runs] == ["SUCCEEDED", "SUCCEEDED"]
    done = [report.scopes for at in (NIGHT, "2026-03-10T02:00:01Z") for report in nights.reports(at)]
    assert sum(done) == 26
