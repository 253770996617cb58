"""What a new installation needs before it can answer: a project and a key to it."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from ricordo.domain.ids import ProjectId
from ricordo.domain.project import AccessRole, Project
from ricordo.runtime.key_secret import peppers_of, write_private
from ricordo.usecases.create_key import create_key

if TYPE_CHECKING:
    from ricordo.runtime.services import Services

KEY_FILE_NAME = "api-key"
FIRST_NAME = "default"


def key_file(services: "Services") -> Path:
    """Where the first key's token lies."""
    return services.settings.data_dir / KEY_FILE_NAME


def first_project(services: "Services") -> Project:
    """Return the oldest project, made now if there is none."""
    projects = services.projects.list()
    if projects:
        return projects[0]
    now = services.clock.now()
    project = Project(
        project_id=ProjectId(f"proj_{secrets.token_hex(8)}"),
        org_id=f"org_{secrets.token_hex(8)}",
        name=FIRST_NAME,
        created_at=now,
        updated_at=now,
    )
    services.projects.create(project)
    return project


def ensure_first_key(services: "Services") -> str | None:
    """Create a project and a key if there are none; return the new token, or None when there were keys already."""
    project = first_project(services)
    if services.keys.list():
        return None
    token = create_key(
        project.project_id,
        name=FIRST_NAME,
        role=AccessRole.OWNER,
        keys=services.keys,
        projects=services.projects,
        pepper=peppers_of(services.settings)[0],
        clock=services.clock,
    ).reveal()
    write_private(key_file(services), token)
    return token
