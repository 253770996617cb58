import hashlib
from dataclasses import dataclass

from ricordo.domain.api_key import Token
from ricordo.domain.ids import KeyId, ProjectId
from ricordo.domain.project import AccessRole, Project
from ricordo.ports.clock import Clock
from ricordo.ports.key_store import KeyStore
from ricordo.ports.project_store import ProjectStore
from ricordo.usecases.create_key import create_key


@dataclass(frozen=True, slots=True)
class ProvidedKey:
    """A key to a project; its token only where it was made now."""

    project: Project
    key_id: KeyId
    token: Token | None


def provide_key(
    project_name: str, key_name: str, *, keys: KeyStore, projects: ProjectStore, pepper: bytes, clock: Clock
) -> ProvidedKey:
    """Let a project have a key of this name; make the project, or the key, where it is missing.

    Asked again it makes nothing: a key that is in force stays the only one of its name.
    """
    project = _project(project_name, projects=projects, clock=clock)
    for key in keys.list():
        if (key.project_id, key.name) == (project.project_id, key_name) and key.revoked_at is None:
            return ProvidedKey(project, key.key_id, None)
    token = create_key(
        project.project_id,
        name=key_name,
        role=AccessRole.OWNER,
        keys=keys,
        projects=projects,
        pepper=pepper,
        clock=clock,
    )
    return ProvidedKey(project, token.key_id, token)


def _project(name: str, *, projects: ProjectStore, clock: Clock) -> Project:
    """Return the project of this name or id, made now if there is none; two who make it at once make one."""
    for project in projects.list():
        if name in (project.name, project.project_id):
            return project
    now, digest = clock.now(), hashlib.sha256(name.encode()).hexdigest()
    made = Project(
        project_id=ProjectId(f"proj_{digest[:16]}"),
        org_id=f"org_{digest[16:32]}",
        name=name,
        created_at=now,
        updated_at=now,
    )
    projects.create(made)
    return projects.get(made.project_id)
