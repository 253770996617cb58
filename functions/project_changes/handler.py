"""Consumers of the table's stream: one keeps the search index in step with the truth, one the graph.

They are two functions, so that neither waits for the other's engine. Both read the truth anew: a record only says
where to look, and may come late, twice, or after a later one.
"""

from collections.abc import Mapping
from typing import Any

from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.runtime.projecting import project_batch
from ricordo.runtime.wiring import services
from ricordo.usecases.project_changes import project_to_graph, project_to_index


def index_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Project a batch of records to the search index, and announce what changed.

    What the table itself removed loses its remains first.
    """
    wired = services()

    def project(project_id: ProjectId, changed: Mapping[MemoryId, int]) -> None:
        project_to_index(
            changed,
            project_id=project_id,
            feed=wired.feed,
            index=wired.searching.index,
            clock=wired.clock,
            visible_after_s=wired.visible_after_s,
        )

    return project_batch(
        event["Records"],
        project,
        dead_letters=wired.dead_letters,
        feed=wired.feed,
        announcements=wired.announcements,
    )


def graph_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Project a batch of records to the graph; a stage without one has nothing to do."""
    wired = services()
    graph = wired.searching.graph
    if graph is None:
        return {"batchItemFailures": []}

    def project(project_id: ProjectId, changed: Mapping[MemoryId, int]) -> None:
        project_to_graph(changed, project_id=project_id, feed=wired.feed, graph=graph)

    return project_batch(event["Records"], project, dead_letters=wired.dead_letters)
