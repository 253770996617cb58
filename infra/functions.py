"""Which Lambda functions there are: the folders say, and what each is given stands here."""

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
FUNCTIONS: Final = ROOT / "functions"
WORKFLOW_FILE: Final = "workflow.asl.json"
EXPRESS: Final = frozenset({"ingest"})  # over in five minutes; the others may take days


@dataclass(frozen=True, slots=True)
class Size:
    """What a function is given; its share of a processor grows with its memory, to a whole one at 1,769 MB."""

    memory_mb: int = 512
    timeout_s: int = 60


_BUSY_MB: Final = 1024
_TRIGGERS: Final[Mapping[str, Size]] = {
    "api": Size(memory_mb=1769, timeout_s=29),
    "authorize": Size(timeout_s=10),
    "project_changes.index": Size(memory_mb=_BUSY_MB),
    "project_changes.graph": Size(memory_mb=_BUSY_MB),
    "sweep": Size(timeout_s=55),
    "sweep.vectors": Size(memory_mb=_BUSY_MB, timeout_s=240),
    "receive": Size(timeout_s=30),
    "provision": Size(timeout_s=120),
}
_BUSY_STEPS: Final = frozenset(
    {
        "bulk_import.cut",
        "bulk_import.report",
        "bulk_import.take",
        "consolidate.consolidate",
        "consolidate.mend",
        "forget.remove",
        "ingest.commit",
        "ingest.embed",
        "ingest.extract",
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One Lambda function as the folders have it.

    Attributes:
        name: How the tables call it, e.g. `api`, `project_changes.graph` or `ingest.commit`.
        folder: Its folder in `functions/`, which is its package.
        handler: What Lambda calls.
    """

    name: str
    folder: str
    handler: str


def entries() -> dict[str, Entry]:
    """Return all functions by name: the handlers of each trigger, and the steps of each workflow."""
    found = [*_triggers(), *(entry for flow in workflows() for entry in steps_of(flow).values())]
    return {entry.name: entry for entry in sorted(found, key=lambda entry: entry.name)}


def workflows() -> list[str]:
    """Return the folders that hold a workflow."""
    return sorted(path.parent.name for path in FUNCTIONS.glob(f"*/{WORKFLOW_FILE}"))


def workflow_path(flow: str) -> Path:
    """Return a workflow's definition."""
    return FUNCTIONS / flow / WORKFLOW_FILE


def steps_of(flow: str) -> dict[str, Entry]:
    """Return the steps of a workflow by the names of their files."""
    steps = sorted(path.stem for path in (FUNCTIONS / flow / "steps").glob("*.py") if path.stem != "__init__")
    return {step: Entry(f"{flow}.{step}", flow, f"functions.{flow}.steps.{step}.handler") for step in steps}


def size_of(entry: Entry) -> Size:
    """Return what a function is given.

    A step's time is what its states give it: a task that was given up must not go on beside the next try.

    Raises:
        KeyError: it is new, and nobody has said.
    """
    if entry.name in _TRIGGERS:
        return _TRIGGERS[entry.name]
    flow, step = entry.name.split(".")
    times = {
        state["TimeoutSeconds"]
        for state in tasks_in(json.loads(workflow_path(flow).read_text("utf-8")))
        if function_of(state) == f"${{{step}}}"
    }
    return Size(memory_mb=_BUSY_MB if entry.name in _BUSY_STEPS else Size().memory_mb, timeout_s=max(times))


def function_of(state: Mapping[str, Any]) -> str:
    """Return the placeholder of the function a task calls."""
    return str({**state.get("Parameters", {}), **state.get("Arguments", {})}["FunctionName"])


def tasks_in(machine: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the tasks of a definition, those within maps and branches too."""
    for state in machine["States"].values():
        if state["Type"] == "Task":
            yield state
        for inner in (*([state["ItemProcessor"]] if "ItemProcessor" in state else ()), *state.get("Branches", ())):
            yield from tasks_in(inner)


def _triggers() -> Iterator[Entry]:
    for path in FUNCTIONS.glob("*/handler.py"):
        folder = path.parent.name
        for handler in _handlers_in(path):
            part = handler.removesuffix("handler").rstrip("_")
            yield Entry(f"{folder}.{part}" if part else folder, folder, f"functions.{folder}.handler.{handler}")


def _handlers_in(path: Path) -> list[str]:
    functions = [node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
    return [name for name in functions if name == "handler" or name.endswith("_handler")]
