"""Lines, JSON and progress on a terminal or in a pipe."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer

REPORT_EVERY_S = 5.0


def show_json(value: object) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def note(text: str) -> None:
    """Say something beside the result."""
    typer.echo(text, err=True)


def printable(text: str) -> str:
    """Replace what could move a terminal's cursor or change its colours."""
    return "".join(character if character.isprintable() else " " for character in text)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long command is.

    Attributes:
        advance: Take note of so many more units.
        note: Say something without breaking the bar.
    """

    advance: Callable[[int], None]
    note: Callable[[str], None]


@contextmanager
def progress_of(activity: str, *, total: int | None, unit: str = "bytes") -> Iterator[Progress]:
    """Show progress on stderr: a bar on a terminal, a line every few seconds elsewhere."""
    if not sys.stderr.isatty():
        yield _plain_progress(activity, total, unit)
        return
    from rich.console import Console  # noqa: PLC0415  slow to import
    from rich.progress import Progress as Bars  # noqa: PLC0415

    with Bars(console=Console(stderr=True)) as bars:
        task = bars.add_task(activity, total=total)
        yield Progress(
            lambda units: bars.advance(task, units),
            lambda text: bars.console.print(text, markup=False, highlight=False),
        )


def _plain_progress(activity: str, total: int | None, unit: str) -> Progress:
    done, said_at = 0, time.monotonic()

    def advance(units: int) -> None:
        nonlocal done, said_at
        done += units
        if time.monotonic() - said_at > REPORT_EVERY_S:
            said_at = time.monotonic()
            note(f"{activity}: {f'{100 * done // total} %' if total else f'{done} {unit}'}")

    return Progress(advance, note)
