"""The workflow of imports, from its file: started by S3, retried as it says, and told when it cannot go on."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.builders import PROJECT
from support.dynamodb_stores import BUCKET
from support.whole_cloud import WholeCloud, open_whole_cloud

from engines.cloud import Execution
from engines.cloud.deployment import PREFIX
from engines.cloud.functions import Handler
from ricordo.domain.errors import EmbedderUnavailableError, NotFoundError, StoreBusyError, UnavailableError
from ricordo.domain.event import EventQuery
from ricordo.domain.paging import PageRequest

KEY = f"imports/{PROJECT}/notes.jsonl"
RESULT = f"import-results/{PROJECT}/notes.json"
BAD = {12: "{", 100: "[]", 199: "nul", 200: '{"memory": "x"}', 201: '{"user_id": "ana"}', 640: "\x00", 1000: '"x"'}
PATIENCE_S = 120.0  # a thousand memories take an emulator a while
BLANK_LINES = "\n" * 198  # between two lines, which then begin chunks of their own


def stated(text: str) -> str:
    """Write a line that states a memory of Ana's."""
    return json.dumps({"memory": text, "user_id": "ana"})


def said(text: str) -> str:
    """Write a line of what Ana said."""
    return json.dumps({"messages": [{"role": "user", "content": text}], "user_id": "ana"})


def told_of(number: int) -> str:
    """Write a line of a long file: each fiftieth is a conversation, the others state something."""
    return said(f"Ana read book {number}.") if number % 50 == 0 else stated(f"Ana owns stamp {number}.")


@dataclass(slots=True)
class Workshop:
    """An account whose dropped files start the workflow.

    Attributes:
        faults: By step, and of `take` by the chunk's first line too, what it raises instead of working, one a call.
    """

    cloud: WholeCloud
    faults: dict[str, list[Exception]] = field(default_factory=dict)

    def step(self, name: str, handler: Handler) -> Handler:
        """Return a step that fails as the faults say."""

        def step(event: Any, context: Any) -> Any:
            chunk = event.get("chunk")
            if faults := self.faults.get(f"{name} {chunk['line']}" if chunk else name):
                raise faults.pop(0)
            return handler(event, context)

        return step

    def drop(self, *lines: str, key: str = KEY) -> Execution:
        """Put a file into the bucket; return the execution it starts, ended."""
        self.cloud.house.bench.cloud.s3.put_object(Bucket=BUCKET, Key=key, Body="\n".join(lines).encode())
        return self.cloud.executions("bulk_import")[-1].wait(PATIENCE_S)

    def result(self) -> dict[str, Any]:
        """Read the result file."""
        answer = self.cloud.house.bench.cloud.s3.get_object(Bucket=BUCKET, Key=RESULT)
        told: dict[str, Any] = json.load(answer["Body"])
        return told

    def pauses(self, state: str) -> list[float]:
        """Return how long it was waited before each retry of a state."""
        return [pause.seconds for pause in self.cloud.clock.pauses if pause.state == state]


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    """A workshop with a project."""
    with open_whole_cloud(tmp_path) as cloud:
        opened = Workshop(cloud)
        steps = {f"{PREFIX}bulk_import-{name}": name for name in ("cut", "take", "report")}
        cloud.functions.handlers = {
            name: opened.step(steps[name], handler) if name in steps else handler
            for name, handler in cloud.functions.handlers.items()
        }
        yield opened


def test_a_thousand_lines_with_seven_bad_ones(workshop: Workshop) -> None:
    """GIVEN a dropped file WHEN its import and its events have ended THEN 993 are in and 7 reported."""
    execution = workshop.drop(*(BAD.get(number) or told_of(number) for number in range(1, 1001)))
    workshop.cloud.settle()

    assert execution.status == "SUCCEEDED"
    result = workshop.result()
    assert (result["status"], result["taken"], result["bad"]) == ("SUCCEEDED", 993, 7)
    assert [one["line"] for one in result["errors"]] == sorted(BAD)
    assert len(workshop.cloud.house.texts()) == 993
    events = workshop.cloud.house.stores.events.list(PROJECT, EventQuery(), PageRequest()).items
    assert (len(events), {event.status.value for event in events}) == (result["conversations"], {"SUCCEEDED"})


def test_other_files_are_left_alone(workshop: Workshop) -> None:
    """Nothing is read of them, and no result written."""
    execution = workshop.drop("a,b", key=f"imports/{PROJECT}/table.csv")

    assert (execution.status, execution.states) == ("SUCCEEDED", ["IsOfLines", "Done"])


@pytest.mark.parametrize(
    ("step", "state", "faults", "longest"),
    [
        ("cut", "Cut", [StoreBusyError("busy"), UnavailableError("down"), KeyError("odd")], [2, 4, 5]),
        ("take 1", "Take", [EmbedderUnavailableError("down"), UnavailableError("down"), KeyError("odd")], [5, 10, 5]),
        ("report", "Report", [UnavailableError("down"), StoreBusyError("busy"), KeyError("odd")], [2, 4, 5]),
    ],
)
def test_a_step_whose_part_is_down_is_tried_again(
    workshop: Workshop, step: str, state: str, faults: list[Exception], longest: list[float]
) -> None:
    """After pauses that double, up to their length by chance; what is not known to pass, less often."""
    workshop.faults[step] = list(faults)

    assert workshop.drop(stated("Ana sings.")).status == "SUCCEEDED"

    pauses = workshop.pauses(state)
    assert all(0 <= pause <= most for pause, most in zip(pauses, longest, strict=True))
    assert workshop.result()["taken"] == 1


def test_a_chunk_that_stays_untaken_does_not_stop_the_others(workshop: Workshop) -> None:
    """The import fails, tells from which line on something is missing, and the next drop brings it."""
    lines = [stated("Ana sings."), BLANK_LINES, stated("Ana swims.")]
    workshop.faults["take 201"] = [KeyError("odd")] * 3
    execution = workshop.drop(*lines)

    assert (execution.status, execution.error) == ("FAILED", "ImportFailed")
    result = workshop.result()
    assert (result["status"], result["taken"], result["untaken_chunks"]) == ("FAILED", 1, 1)
    assert result["untaken"] == [{"from_line": 201, "error": "KeyError"}]

    assert workshop.drop(*lines).status == "SUCCEEDED"
    assert sorted(workshop.cloud.house.texts()) == ["Ana sings.", "Ana swims."]


def test_a_model_that_stays_down_is_waited_for(workshop: Workshop) -> None:
    """Eight times, for ten minutes at most; then the chunk is told as untaken."""
    workshop.cloud.house.embedder.is_up = False

    assert workshop.drop(stated("Ana sings.")).status == "FAILED"

    longest = [5, 10, 20, 40, 80, 120, 120, 120]
    assert all(pause <= most for pause, most in zip(workshop.pauses("Take"), longest, strict=True))
    assert workshop.result()["untaken"] == [{"from_line": 1, "error": "EmbedderUnavailableError"}]


@pytest.mark.parametrize(("step", "state"), [("cut", "Cut"), ("take 1", "Take")])
def test_what_no_retry_mends_is_not_tried_again(workshop: Workshop, step: str, state: str) -> None:
    """A file that is gone stays gone."""
    workshop.faults[step] = [NotFoundError("gone")]

    assert workshop.drop(stated("Ana sings.")).status == "FAILED"

    assert workshop.pauses(state) == []
    assert workshop.result()["status"] == "FAILED"


def test_a_file_of_an_unknown_project_fails_at_once(workshop: Workshop) -> None:
    """Its result says why."""
    execution = workshop.drop(stated("Ana sings."), key="imports/proj-unknown/notes.jsonl")

    assert (execution.status, execution.states) == ("FAILED", ["IsOfLines", "Cut", "Report", "IsDone", "Failed"])


def test_two_executions_of_one_file_are_one_import(workshop: Workshop) -> None:
    """S3 may tell of a file twice."""
    lines = (stated("Ana sings."), said("Ana moved to Lisbon."))
    workshop.drop(*lines)
    workshop.drop(*lines)
    workshop.cloud.settle()

    assert sorted(workshop.cloud.house.texts()) == ["Ana moved to Lisbon.", "Ana sings."]


@pytest.mark.parametrize(("step", "nth"), [("cut", 1), ("take", 1), ("take", 2), ("report", 1)])
def test_an_execution_that_dies_is_made_up_for_by_another(workshop: Workshop, step: str, nth: int) -> None:
    """Whatever state it dies before: after the next one all is there once."""
    lines = (stated("Ana sings."), said("Ana moved to Lisbon."), BLANK_LINES, stated("Ana swims."))
    with workshop.cloud.dying_before(f"bulk_import-{step}", nth) as died:
        workshop.drop(*lines)
    assert [execution.status for execution in died] == ["ABORTED"]

    assert workshop.drop(*lines).status == "SUCCEEDED"
    workshop.cloud.settle()

    assert workshop.result()["taken"] == 3
    assert sorted(workshop.cloud.house.texts()) == ["Ana moved to Lisbon.", "Ana sings.", "Ana swims."]
