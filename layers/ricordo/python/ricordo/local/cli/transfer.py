"""`ricordo import` and `ricordo export`."""

import os
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from ricordo.domain.errors import InvalidRequestError
from ricordo.local.cli.owners import AgentId, AppId, RunId, UserId, named_owners, owned_by
from ricordo.local.cli.session import opened_services
from ricordo.local.cli.terminal import note, progress_of, show_json
from ricordo.runtime.first_start import first_project

if TYPE_CHECKING:
    from ricordo.local.transfer.importing import ImportTally

STREAM = Path("-")
INTERRUPTED = 130


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("import")(import_)
    app.command("export")(export)


def import_(  # noqa: PLR0913  options of a command
    file: Annotated[Path, typer.Argument(help="JSON Lines; - is stdin.")],
    *,
    user_id: UserId = None,
    agent_id: AgentId = None,
    app_id: AppId = None,
    run_id: RunId = None,
    infer: Annotated[
        bool | None,
        typer.Option(
            "--infer/--no-infer",
            help="Take memories from messages, or keep each as it is, unless a line says.",
        ),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until all is remembered.")] = True,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first line that is refused.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Import conversations, memories or an export.

    Importing a file again adds nothing, so an interrupted import is continued by the same command. Owners
    given here are for lines that name none of that kind; lines of an export are restored as they were.
    """
    from ricordo.local.transfer.importing import Import  # noqa: PLC0415  heavy
    from ricordo.runtime.transfer.lines import LineDefaults  # noqa: PLC0415
    from ricordo.runtime.transfer.numbered_lines import numbered_lines  # noqa: PLC0415

    owners = named_owners(user_id, agent_id, app_id, run_id)
    defaults = LineDefaults({owner_type.field: owner for owner_type, owner in owners.items()}, infer)
    stop = StopSignal()
    with (
        _opened(file) as lines,
        opened_services() as services,
        progress_of("Importing", total=_size_of(lines)) as progress,
        stop.watched(),
    ):

        def refuse(number: int, reason: str) -> None:
            if strict:
                raise InvalidRequestError(f"line {number}: {reason}")
            progress.note(f"line {number}: {reason}")

        run = Import(
            services,
            first_project(services).project_id,
            defaults,
            waits=wait,
            on_refused=refuse,
            on_waiting=lambda count: progress.note(f"Waiting for {count} conversations others work on."),
            is_stopped=lambda: stop.is_set,
        )
        tally = run.run(numbered_lines(lines), on_line=lambda line: progress.advance(line.size))
    _tell(tally, as_json=as_json)
    if stop.is_set:
        note("Interrupted; the same command goes on where this one stopped.")
        raise typer.Exit(INTERRUPTED)
    if tally.bad or tally.failed:
        raise typer.Exit(1)


class StopSignal:
    """Remembers SIGINT or SIGTERM, so that the work at hand is finished; a second one ends it at once."""

    def __init__(self) -> None:
        self.is_set = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Listen for the signals during a block."""
        before = {number: signal.signal(number, self._set) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _set(self, _number: int, _frame: object) -> None:
        if self.is_set:
            sys.exit(INTERRUPTED)
        self.is_set = True


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    if file == STREAM:
        yield sys.stdin.buffer
        return
    with file.open("rb") as opened:
        yield opened


def _size_of(file: BinaryIO) -> int | None:
    status = os.fstat(file.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _tell(tally: "ImportTally", *, as_json: bool) -> None:
    from dataclasses import asdict  # noqa: PLC0415  only here

    if as_json:
        show_json(asdict(tally))
        return
    typer.echo(
        f"{tally.lines} lines: {tally.conversations} conversations and {tally.memories} memories new,"
        f" {tally.known} known already, {tally.bad} refused, {tally.failed} failed,"
        f" {tally.still_open} still open"
    )


def export(
    file: Annotated[Path, typer.Argument(help="File to write; - is stdout.")] = STREAM,
    *,
    user_id: UserId = None,
    agent_id: AgentId = None,
    app_id: AppId = None,
    run_id: RunId = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Include deleted memories and their histories.")] = False,
) -> None:
    """Export memories with all their versions as JSON Lines, oldest first; `ricordo import` restores them."""
    from ricordo.local.transfer.exporting import write_export  # noqa: PLC0415  heavy
    from ricordo.usecases.export_memories import export_memories  # noqa: PLC0415

    where = owned_by(named_owners(user_id, agent_id, app_id, run_id))
    with opened_services() as services:
        memories = export_memories(
            where,
            project_id=first_project(services).project_id,
            archive=services.archive,
            includes_deleted=deleted,
        )
        count = write_export(memories, None if file == STREAM else file)
    note(f"Exported {count} memories.")
