"""`ricordo consolidate`."""

import os
from typing import Annotated
from uuid import uuid4

import typer

from ricordo.local.cli.terminal import show_json
from ricordo.runtime.settings import variable_of


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(consolidate)


def consolidate(
    *,
    at: Annotated[str | None, typer.Option(help="Name the run by this time; one that broke off goes on.")] = None,
) -> None:
    """Do what the AWS profile does each night: look after scopes that changed, sweep, mend index and graph."""
    from ricordo.domain.consolidation import report_fields  # noqa: PLC0415  heavy
    from ricordo.domain.moments import iso  # noqa: PLC0415  heavy
    from ricordo.local.consolidation import consolidate_now  # noqa: PLC0415  heavy
    from ricordo.runtime.observability import logger  # noqa: PLC0415  heavy
    from ricordo.runtime.wiring import services  # noqa: PLC0415  heavy

    if variable_of("log_level") not in os.environ:
        logger.setLevel("WARNING")
    services.cache_clear()  # whatever this process wired before was for other settings
    wired = services()
    try:
        told = consolidate_now(at=at or iso(wired.clock.now()), holder=uuid4().hex)
        run = wired.consolidations.get(told["run_id"])
    finally:
        wired.close()
        services.cache_clear()
    show_json({"run": told["run_id"], "projects": [report_fields(report) for report in run.projects]})
