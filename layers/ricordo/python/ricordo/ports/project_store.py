from typing import Protocol

from ricordo.domain.ids import ProjectId
from ricordo.domain.project import Project


class ProjectStore(Protocol):
    """The tenants."""

    def create(self, project: Project) -> bool:
        """Write a project; False when its id is taken."""
        ...

    def get(self, project_id: ProjectId) -> Project:
        """Return a project.

        Raises:
            ProjectNotFoundError: no such project.
        """
        ...

    def list(self) -> list[Project]:
        """Return all projects, oldest first."""
        ...
