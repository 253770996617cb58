from collections.abc import Mapping, Sequence
from typing import Protocol

from ricordo.domain.drift import Shown
from ricordo.domain.ids import MemoryId, ProjectId


class ProjectionListing(Protocol):
    """What a projection, an index or a graph, holds of a project: to be compared with the truth.

    Every method raises UnavailableError when the projection cannot be reached.
    """

    def shown(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Mapping[MemoryId, Shown]:
        """Return what is shown of these memories; of what is not, nothing."""
        ...

    def listed(self, project_id: ProjectId, *, after: str, limit: int) -> Sequence[Shown]:
        """Return what is shown of up to `limit` memories in the order of their ids, those behind the id `after`.

        An empty page means there are no more. What others change meanwhile may be left out, or be shown once as it was.
        """
        ...
