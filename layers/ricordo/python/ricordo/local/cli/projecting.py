"""`ricordo provision` and `ricordo reindex`."""

import os
from typing import Annotated

import typer

from ricordo.domain.errors import InvalidRequestError
from ricordo.local.cli.session import opened_services
from ricordo.local.cli.terminal import progress_of
from ricordo.runtime.settings import read_settings, variable_of


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(provision)
    app.command()(reindex)


def provision() -> None:
    """Make what the AWS profile needs and a deployment has not made: table, bucket, index."""
    from ricordo.runtime.provisioning import provision as provisioned  # noqa: PLC0415  heavy

    settings = read_settings()
    if settings.profile != "aws":
        raise InvalidRequestError("Only RICORDO_PROFILE=aws needs anything made beforehand.")
    with opened_services(settings) as services:
        for told in provisioned(settings, services.workbench.embedder):
            typer.echo(told)


def reindex(
    *,
    embedder: Annotated[
        str | None, typer.Option(help="Embed anew with this one: builtin, bedrock or openai; else RICORDO_EMBEDDER.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Its model; else RICORDO_EMBEDDER_MODEL.")] = None,
    dimensions: Annotated[int | None, typer.Option(help="Length of its vectors.", min=1, max=4096)] = None,
    missing: Annotated[bool, typer.Option("--missing", help="Only give vectors to memories without one.")] = False,
    graph: Annotated[bool, typer.Option("--graph", help="Make the graph anew too.")] = False,
) -> None:
    """Build the search index anew from the truth, while the old one serves.

    With another embedder every memory is embedded once more, from its text; nothing is extracted again. When it is
    done, start the servers with that embedder, and run `ricordo reindex --missing` for what was added meanwhile.
    """
    from ricordo.usecases import reindex as use_case  # noqa: PLC0415  heavy

    chosen = {"embedder": embedder, "embedder_model": model, "embedder_dimensions": dimensions}
    os.environ |= {variable_of(name): str(value) for name, value in chosen.items() if value is not None}
    with opened_services() as services, progress_of("Reindexing", total=None, unit="memories") as progress:
        projects = [project.project_id for project in services.projects.list()]
        truth = use_case.Truth(services.memories, services.feed, services.workbench.embedder)
        advance = progress.advance
        if missing:
            index = services.searching.index
            filled = use_case.fill_vectors(projects, truth=truth, index=index, on_progress=advance)
            typer.echo(f"{filled} memories were given vectors of {truth.embedder.model_id}.")
            return
        builder = services.index_builder()
        rebuilt = use_case.rebuild_index(projects, truth=truth, builder=builder, on_progress=advance)
        typer.echo(f"The index of {truth.embedder.model_id} was built anew with {rebuilt.memories} memories.")
        if rebuilt.refused:
            progress.note(f"It refused {len(rebuilt.refused)} of them: {', '.join(sorted(rebuilt.refused)[:10])}")
        if graph and services.searching.graph is not None:
            stated = use_case.rebuild_graph(
                projects, memories=services.memories, graph=services.searching.graph, on_progress=advance
            )
            typer.echo(f"The graph was made anew from {stated} memories.")
