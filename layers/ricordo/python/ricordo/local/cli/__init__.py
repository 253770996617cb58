"""The command line. A group of commands is a module, which imports what is heavy when a command runs."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ricordo.domain.errors import RicordoError
from ricordo.local.cli import (
    backups,
    consolidating,
    demonstration,
    doctoring,
    events,
    keys,
    projecting,
    searching,
    serving,
    transfer,
)

app = typer.Typer(
    name="ricordo",
    help="Long-term memory for AI agents, on this machine or in your AWS account.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for commands in (serving, transfer, backups, projecting, consolidating, searching, doctoring, demonstration):
    commands.register(app)
app.add_typer(keys.app, name="keys")
app.add_typer(events.app, name="events")


def _print_version(asked: bool) -> None:  # noqa: FBT001  a callback of typer
    if asked:
        from importlib.metadata import version  # noqa: PLC0415  only here

        typer.echo(version("ricordo"))
        raise typer.Exit


@app.callback()
def choose_folder(
    *,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of the database and keys; else RICORDO_DATA_DIR, else .ricordo."),
    ] = None,
    version: Annotated[  # noqa: ARG001  its callback does the work
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Have every command and what it starts use one data folder."""
    if data_dir is not None:
        os.environ["RICORDO_DATA_DIR"] = str(data_dir)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line, this process's own by default; what goes wrong is one line and exit code 1."""
    try:
        app(arguments, prog_name="ricordo")
    except RicordoError as error:
        sys.exit(f"ricordo: {error.message}")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        sys.exit(f"ricordo: {named}{error.strerror or error}")
