"""`ricordo search`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ricordo.domain import limits
from ricordo.domain.errors import MissingScopeError
from ricordo.local.cli.owners import AgentId, AppId, RunId, UserId, named_owners, owned_by
from ricordo.local.cli.session import opened_services
from ricordo.local.cli.terminal import note, printable, show_json
from ricordo.runtime.first_start import first_project

if TYPE_CHECKING:
    from ricordo.domain.ranking import Scored
    from ricordo.domain.scope import OwnerType
    from ricordo.runtime.services import Services
    from ricordo.usecases.search_memories import SearchAnswer

THRESHOLD = 0.1
_PIPE_WIDTH = 120


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(search)


def search(
    query: Annotated[str, typer.Argument(help="A question or some words.")],
    *,
    user_id: UserId = None,
    agent_id: AgentId = None,
    app_id: AppId = None,
    run_id: RunId = None,
    top_k: Annotated[int, typer.Option(help="Results, at most.", min=1, max=limits.MAX_TOP_K)] = 10,
    explain: Annotated[bool, typer.Option("--explain", help="Show the signals a score is made of.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the API would answer.")] = False,
) -> None:
    """Search the memories of a user, agent, app or run."""
    owners = named_owners(user_id, agent_id, app_id, run_id)
    if not owners:
        raise MissingScopeError("Say whose memories: --user-id, --agent-id, --app-id or --run-id.")
    with opened_services() as services:
        answer = ask(query, owners, services, top_k=top_k)
    if as_json:
        from functions.api.views import scored_view  # noqa: PLC0415  heavy

        show_json({"results": [scored_view(scored) for scored in answer.results]})
    else:
        show_results(answer.results, explains=explain)
    if answer.degraded:
        note(f"Not available: {', '.join(answer.degraded)}")


def ask(query: str, owners: "dict[OwnerType, str]", services: "Services", *, top_k: int) -> "SearchAnswer":
    """Search the first project as the API does."""
    from ricordo.usecases.search_memories import SearchRequest, search_memories  # noqa: PLC0415

    project = first_project(services)
    request = SearchRequest(
        query=query,
        where=owned_by(owners),
        top_k=top_k,
        threshold=THRESHOLD,
        asked_at=services.clock.now(),
        latest_only=not project.shows_superseded,
    )
    return search_memories(request, project_id=project.project_id, searching=services.searching)


def show_results(results: "Sequence[Scored]", *, explains: bool) -> None:
    """Print a table of results, best first."""
    from rich.console import Console  # noqa: PLC0415  slow to import
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    if not results:
        typer.echo("Nothing was found.")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("score", justify="right")
    table.add_column("memory", ratio=1)
    table.add_column("when")
    for scored in results:
        lines = Text(printable(scored.memory.text))
        if explains:
            lines.append(f"\n{signals_of(scored.breakdown)}", style="dim")
        when = scored.memory.created_at.strftime("%Y-%m-%d %H:%M")
        table.add_row(f"{scored.score:.2f}", lines, when)
    console = Console()
    Console(width=None if console.is_terminal else _PIPE_WIDTH).print(table)


def signals_of(breakdown: Mapping[str, float]) -> str:
    """Name the signals that are not zero, the weightiest first."""
    from ricordo.domain.ranking import WEIGHTS  # noqa: PLC0415  heavy

    weighty = sorted(breakdown.items(), key=lambda signal: -abs(signal[1] * WEIGHTS.get(signal[0], 0.0)))
    return ", ".join(f"{name} {value:.2f}" for name, value in weighty if abs(value) >= 0.005)  # noqa: PLR2004  shown as 0.00
