"""`ricordo demo`."""

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ricordo.domain.scope import OwnerType
from ricordo.local.cli.searching import ask, show_results
from ricordo.local.cli.session import opened_services
from ricordo.runtime.first_start import first_project
from ricordo.runtime.settings import read_settings

if TYPE_CHECKING:
    from ricordo.runtime.services import Services

USER_ID = "nora"
QUESTIONS = (
    "What must not be in Nora's food?",
    "When is the race?",
    "Who takes care of the cat while they are away?",
)
_RESULTS = 3


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(demo)


def demo(
    keep: Annotated[Path | None, typer.Option(help="Data folder to keep; without it all is gone at the end.")] = None,
) -> None:
    """Import a small conversation into a folder of its own and search it."""
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ricordo-demo-")))
        services = stack.enter_context(opened_services(replace(read_settings(), data_dir=folder)))
        _import_conversation(services)
        for question in QUESTIONS:
            typer.echo(f"\n> {question}")
            answer = ask(question, {OwnerType.USER: USER_ID}, services, top_k=_RESULTS)
            show_results(answer.results, explains=True)
    if keep is not None:
        typer.echo(f'\nAsk more: ricordo --data-dir {keep} search "Where does Nora live?" --user-id {USER_ID}')


def _import_conversation(services: "Services") -> None:
    from ricordo.local import demo as packaged  # noqa: PLC0415  heavy with the rest
    from ricordo.local.transfer.importing import Import  # noqa: PLC0415
    from ricordo.runtime.transfer.lines import LineDefaults  # noqa: PLC0415
    from ricordo.runtime.transfer.numbered_lines import numbered_lines  # noqa: PLC0415

    run = Import(
        services,
        first_project(services).project_id,
        LineDefaults(),
        waits=True,
        on_refused=lambda number, reason: typer.echo(f"line {number}: {reason}", err=True),
        on_waiting=lambda _count: None,
        is_stopped=lambda: False,
    )
    with (files(packaged) / "conversation.jsonl").open("rb") as conversation:
        tally = run.run(numbered_lines(conversation), on_line=lambda _line: None)
    typer.echo(f"{tally.lines} conversations became {tally.memories} memories of {USER_ID}.")
