"""What every project store does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.builders import a_project
from support.clocks import START
from support.stores import Stores

from ricordo.domain.errors import ProjectNotFoundError
from ricordo.domain.ids import ProjectId


def test_a_project_is_read_back(stores: Stores) -> None:
    """A project comes back as it was created."""
    project = a_project(name="Küche", retention_days=7, shows_superseded=True, updated_at=START + timedelta(days=1))

    assert stores.projects.create(project)
    assert stores.projects.get(project.project_id) == project


def test_an_id_is_taken_once(stores: Stores) -> None:
    """A second project of the same id is refused and changes nothing."""
    stores.projects.create(a_project())

    assert not stores.projects.create(replace(a_project(), name="another"))
    assert stores.projects.get(a_project().project_id) == a_project()


def test_an_unknown_project_is_an_error(stores: Stores) -> None:
    """Absent is an error."""
    with pytest.raises(ProjectNotFoundError):
        stores.projects.get(ProjectId("unknown"))


def test_projects_are_listed_oldest_first(stores: Stores) -> None:
    """All projects come in the order of their creation, equal times in that of their ids."""
    times = {"c": 0, "b": 2, "z": 1, "y": 1}
    for project_id, hours in times.items():
        stores.projects.create(a_project(project_id, created_at=START + timedelta(hours=hours)))

    assert [project.project_id for project in stores.projects.list()] == ["c", "y", "z", "b"]
