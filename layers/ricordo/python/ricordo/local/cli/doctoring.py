"""`ricordo doctor`."""

from typing import TYPE_CHECKING, Annotated

import typer

from ricordo.local.cli.session import embedded_settings
from ricordo.local.cli.terminal import show_json
from ricordo.runtime.settings import Settings

if TYPE_CHECKING:
    from ricordo.local.diagnosis import Check


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(doctor)


def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Tell what is configured, which versions are there and what works; exit code 1 if something does not."""
    from ricordo.local.diagnosis import full_report, run_checks  # noqa: PLC0415  heavy

    settings = embedded_settings()
    if as_json:
        report = full_report(settings)
        show_json(report)
        works = bool(report["works"])
    else:
        _show_settings(settings)
        typer.echo("\nChecks")
        works = all([_shown(check) for check in run_checks(settings)])  # noqa: C419  every check is to be shown
        _show_counts(settings)
    if not works:
        raise typer.Exit(1)


def _shown(check: "Check") -> bool:
    typer.echo(f"  {'ok  ' if check.works else 'FAIL'}  {check.name}: {check.detail}")
    return check.works


def _show_settings(settings: Settings) -> None:
    from ricordo.local.diagnosis import settings_in_force, versions  # noqa: PLC0415  heavy

    typer.echo("Settings")
    for setting in settings_in_force(settings):
        typer.echo(f"  {setting.name}={setting.value} ({setting.source})")
    typer.echo("\nVersions")
    typer.echo("  " + ", ".join(f"{name} {number}" for name, number in versions().items()))


def _show_counts(settings: Settings) -> None:
    from ricordo.local.diagnosis import counts  # noqa: PLC0415  heavy

    found = counts(settings.database_path)
    if found:
        typer.echo("\nCounts")
        typer.echo("  " + ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in found.items()))
