"""Run once a deployment stands: `{}` makes the search index, `{"api_key": {"project": "..."}}` a project and its key.

Whoever may invoke it gets keys to every project, so that is granted to operators alone.
"""

from collections.abc import Mapping
from typing import Any

from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.limits import MAX_NAME_CHARS
from ricordo.runtime.key_secret import peppers_of
from ricordo.runtime.observability import logger
from ricordo.runtime.services import Services
from ricordo.runtime.wiring import services
from ricordo.usecases.provide_key import provide_key

DEFAULT_KEY_NAME = "default"


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Make what is asked for where it is missing; asked again, change nothing.

    Raises:
        InvalidRequestError: the input is neither of the two.
        StoreFormatError: the index that serves is of another version, model or dimension.
        UnavailableError: a part is down.
    """
    if event.keys() - {"api_key"}:
        raise InvalidRequestError('The input is {} or {"api_key": {"project": "...", "name": "..."}}.')
    wired = services()
    if "api_key" in event:
        return {"api_key": _provide_key(event["api_key"], wired)}
    wired.index_builder().ensure()
    return {"index": {"embedder": wired.workbench.embedder.model_id}}


def _provide_key(asked: object, wired: Services) -> dict[str, Any]:
    """Return the key without its token, but for the one time that it is made."""
    if not isinstance(asked, Mapping) or asked.keys() - {"project", "name"}:
        raise InvalidRequestError("api_key holds a project and, if you like, a name.")
    provided = provide_key(
        _name(asked, "project"),
        _name(asked, "name", DEFAULT_KEY_NAME),
        keys=wired.keys,
        projects=wired.projects,
        pepper=peppers_of(wired.settings)[0],
        clock=wired.clock,
    )
    told = {"project_id": provided.project.project_id, "key_id": provided.key_id, "is_new": provided.token is not None}
    logger.info("key provided", extra=told)
    return {**told, "token": provided.token.reveal() if provided.token else None}


def _name(asked: Mapping[str, object], field: str, default: str = "") -> str:
    value = asked.get(field, default)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= MAX_NAME_CHARS:
        raise InvalidRequestError(f"api_key.{field} must be 1 to {MAX_NAME_CHARS} characters long.")
    return value.strip()
