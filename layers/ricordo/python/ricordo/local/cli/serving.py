"""`ricordo serve`."""

import os
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer

from ricordo.local.cli.session import opened_services
from ricordo.local.cli.terminal import note
from ricordo.runtime.first_start import KEY_FILE_NAME, ensure_first_key
from ricordo.runtime.settings import Settings, read_settings, variable_of


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(serve)


def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on; else RICORDO_HOST, else 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; else RICORDO_PORT, else 8765.", min=0, max=65535)] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder of the database and keys; else RICORDO_DATA_DIR, else .ricordo."),
    ] = None,
    processes: Annotated[
        int | None, typer.Option(help="Processes that answer reads; else RICORDO_PROCESSES, else 2.", min=1)
    ] = None,
) -> None:
    """Serve the API until stopped. The first start makes a project and an API key, and shows the key once."""
    given = {"host": host, "port": port, "data_dir": data_dir, "processes": processes}
    os.environ |= {variable_of(name): str(value) for name, value in given.items() if value is not None}
    settings = read_settings()
    _tell_the_key(settings)
    _tell_who_can_reach_it(settings.host)
    sys.stdout.flush()
    # The server replaces this program, so that what it forks starts small. -P: no imports from this folder.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "ricordo.local.server"])  # noqa: S606  our own program


def _tell_the_key(settings: Settings) -> None:
    place = settings.data_dir / KEY_FILE_NAME
    if place.exists() and settings.database_path.exists():  # not the first start: no need to open anything
        typer.echo(f"The API key is in {place.resolve()}")
        return

    with opened_services(settings) as services:
        token = ensure_first_key(services)
    if token is not None:
        typer.echo(f"API key: {token}")
        typer.echo(f"It is kept in {place.resolve()}, which only you can read.")
    else:
        typer.echo("There are API keys already; make another with: ricordo keys create")


def _tell_who_can_reach_it(host: str) -> None:
    if _is_loopback(host):
        typer.echo(f"Only programs on this machine can reach it ({host}).")
        return
    note(
        f"Warning: {host} can be reached from other machines, and the traffic is not encrypted."
        " Put a proxy with TLS in front of it."
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
