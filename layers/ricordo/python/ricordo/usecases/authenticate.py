from collections.abc import Sequence

from ricordo.domain.api_key import is_secret_of, parse_token
from ricordo.domain.errors import KeyNotFoundError, UnauthorizedError
from ricordo.domain.project import Principal
from ricordo.ports.key_store import KeyStore

_REFUSAL = "Invalid API key. Create one with `ricordo keys create`."


def authenticate(token_text: str, *, keys: KeyStore, peppers: Sequence[bytes]) -> Principal:
    """Find out who calls.

    `peppers` holds the hashing secrets in force, so that one can be rotated while keys hashed with the old
    one live.

    Raises:
        UnauthorizedError: the token is malformed, unknown or revoked; which of these is not told.
    """
    token = parse_token(token_text)
    try:
        key = keys.get(token.key_id)
    except KeyNotFoundError as error:
        raise UnauthorizedError(_REFUSAL) from error
    known = any(is_secret_of(token.secret, key.secret_hash, pepper=pepper) for pepper in peppers)
    if not known or key.revoked_at is not None:
        raise UnauthorizedError(_REFUSAL)
    return Principal(key.key_id, key.project_id, key.org_id, key.role)
