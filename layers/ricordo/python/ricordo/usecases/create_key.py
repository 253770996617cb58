from ricordo.domain.api_key import Token, hash_secret, new_token
from ricordo.domain.ids import KeyId, ProjectId
from ricordo.domain.project import AccessRole, ApiKey
from ricordo.ports.clock import Clock
from ricordo.ports.key_store import KeyStore
from ricordo.ports.project_store import ProjectStore


def create_key(
    project_id: ProjectId,
    *,
    name: str,
    role: AccessRole,
    keys: KeyStore,
    projects: ProjectStore,
    pepper: bytes,
    clock: Clock,
) -> Token:
    """Create an API key for a project and return the only copy of its token.

    Raises:
        ProjectNotFoundError: no such project.
    """
    project = projects.get(project_id)
    token = new_token()
    keys.add(
        ApiKey(
            key_id=token.key_id,
            project_id=project_id,
            org_id=project.org_id,
            name=name,
            role=role,
            secret_hash=hash_secret(token.secret, pepper=pepper),
            created_at=clock.now(),
        )
    )
    return token


def rotate_key(key_id: KeyId, *, keys: KeyStore, projects: ProjectStore, pepper: bytes, clock: Clock) -> Token:
    """Create a key with the name and role of another, and revoke that one.

    Raises:
        KeyNotFoundError: no such key.
    """
    old = keys.get(key_id)
    token = create_key(
        old.project_id, name=old.name, role=old.role, keys=keys, projects=projects, pepper=pepper, clock=clock
    )
    keys.revoke(key_id, at=clock.now())
    return token
