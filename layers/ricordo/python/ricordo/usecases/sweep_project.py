from datetime import timedelta

from ricordo.domain.project import Project
from ricordo.ports.clock import Clock
from ricordo.ports.memory_store import MemoryStore

_REMOVALS = 200


def sweep_project(project: Project, *, memories: MemoryStore, clock: Clock) -> int:
    """Remove what is hidden, and for good what ended before the project's retention; count both."""
    swept = 0
    while some := sweep_some(project, memories=memories, clock=clock):
        swept += some
    return swept


def sweep_some(project: Project, *, memories: MemoryStore, clock: Clock) -> int:
    """Remove some of it, and count them; 0 means nothing is left."""
    now = clock.now()
    removed = memories.remove_hidden(project.project_id, limit=_REMOVALS, now=now)
    return removed or memories.purge(project.project_id, older_than=now - timedelta(days=project.retention_days))
