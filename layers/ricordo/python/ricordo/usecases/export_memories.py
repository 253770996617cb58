from collections.abc import Iterator

from ricordo.domain.filters import Expression
from ricordo.domain.ids import ProjectId
from ricordo.ports.archive import Archive, ArchivedMemory


def export_memories(
    where: Expression, *, project_id: ProjectId, archive: Archive, includes_deleted: bool
) -> Iterator[ArchivedMemory]:
    """Yield the memories of a project that match, each with its history, oldest accepted first."""
    return archive.dump(project_id, where, includes_deleted=includes_deleted)
