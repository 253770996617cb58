from datetime import timedelta

from ricordo.domain.project import Project
from ricordo.ports.clock import Clock
from ricordo.ports.memory_store import MemoryStore

_REMOVALS = 200


def sweep_project(project: Project, *, memories: MemoryStore, clock: Clock) -> int:
    """Remove what is hidden, and for good what ended before the project's retention; count both."""
    swept = 0
    while removed := memories.remove_hidden(project.project_id, limit=_REMOVALS, now=clock.now()):
        swept += removed
    retained_since = clock.now() - timedelta(days=project.retention_days)
    while purged := memories.purge(project.project_id, older_than=retained_since):
        swept += purged
    return swept
