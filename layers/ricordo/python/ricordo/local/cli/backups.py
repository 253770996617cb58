"""`ricordo backup` and `ricordo restore`."""

from pathlib import Path
from typing import Annotated

import typer

from ricordo.domain.api_key import parse_token
from ricordo.domain.errors import UnauthorizedError
from ricordo.local.cli.session import embedded_settings, opened_services
from ricordo.local.cli.terminal import note
from ricordo.runtime.first_start import key_file
from ricordo.runtime.key_secret import peppers_of
from ricordo.usecases.authenticate import authenticate


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("backup")(back_up)
    app.command()(restore)


def back_up(
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="File to write.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Overwrite it.")] = False,
) -> None:
    """Copy the database while it is in use, and the secret its keys are hashed with to DEST.key-secret."""
    from ricordo.local import backup  # noqa: PLC0415  heavy

    report = backup.back_up(embedded_settings(), destination, overwrites=force)
    typer.echo(f"Backed up {report.size_bytes:,} bytes to {report.database}")
    if report.secret is not None:
        typer.echo(f"The secret the API keys are hashed with is in {report.secret}; they belong together.")


def restore(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A file `ricordo backup` wrote.")],
) -> None:
    """Put a backup in the place of the database; what was there is kept as ricordo.db.before-restore."""
    from ricordo.local import backup  # noqa: PLC0415  heavy

    settings = embedded_settings()
    report = backup.restore(settings, source)
    typer.echo(f"Restored {settings.database_path} from {source}")
    if report.kept is not None:
        typer.echo(f"The database before is kept as {report.kept}")
    if not report.has_secret and not settings.key_secret:
        note(f"Note: {source}.key-secret is not there; keys work only if they were made in this folder.")
    _check_key_file()


def _check_key_file() -> None:
    """Say so if the key in the file is not in force in what was restored."""
    with opened_services() as services:
        place = key_file(services)
        if not place.exists():
            return
        token = place.read_text("utf-8").strip()
        try:
            parse_token(token)
            authenticate(token, keys=services.keys, peppers=peppers_of(services.settings))
        except UnauthorizedError:
            note(f"Note: the key in {place} is not one of the backup's. Make one with: ricordo keys create")
