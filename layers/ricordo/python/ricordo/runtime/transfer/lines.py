"""One line of an import: what it is, and whether the API would take it.

A line is a conversation (the body of an add), a statement (a memory as the API shows it), or an export's.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from ricordo.domain.episode import Role
from ricordo.domain.errors import InvalidRequestError, MissingScopeError
from ricordo.domain.ids import ProjectId
from ricordo.ports.archive import ArchivedMemory
from ricordo.runtime.add_fields import OWNER_FIELDS, AddBody, Categories, Metadata, OwnerId, add_request, reasons_of
from ricordo.runtime.http import BODY_LIMIT_BYTES, read_json
from ricordo.runtime.transfer.archive_lines import MARK, read_archived
from ricordo.usecases.accept_add import AddRequest
from ricordo.usecases.import_statements import Statement

_KINDS = 'a line needs "messages", or "memory" (or "text"), or must come from an export'


@dataclass(frozen=True, slots=True)
class LineDefaults:
    """What a line of messages or a statement gets where it says nothing itself."""

    owners: Mapping[str, str] = field(default_factory=dict)
    infers: bool | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """An add; `fingerprint` is a digest of what it says."""

    fingerprint: str
    request: AddRequest


Line = Conversation | Statement | ArchivedMemory


class StatementLine(BaseModel):
    """A memory as mem0's API and exports show it; other fields are left out."""

    memory: str | None = None
    text: str | None = None
    user_id: OwnerId | None = None
    agent_id: OwnerId | None = None
    app_id: OwnerId | None = None
    run_id: OwnerId | None = None
    metadata: Metadata | None = None
    categories: Categories | None = None
    created_at: int | float | str | None = None
    timestamp: int | float | str | None = None
    expiration_date: str | None = None
    immutable: bool = False
    attributed_to: Role | None = None

    def as_add(self) -> dict[str, Any]:
        """Return the add that stores this statement word for word."""
        said = {"role": (self.attributed_to or Role.USER).value, "content": self.memory or self.text}
        at = self.timestamp if self.created_at is None else self.created_at
        kept = self.model_dump(
            exclude_none=True, exclude={"memory", "text", "created_at", "timestamp", "attributed_to"}
        )
        return {**kept, "messages": [said], "infer": False} | ({} if at is None else {"timestamp": at})


def read_line(text: bytes | None, defaults: LineDefaults, project_id: ProjectId) -> Line:
    """Read a line, by the API's own rules.

    Raises:
        InvalidRequestError: it is none of these, or the API would refuse it; its text is never repeated.
        MissingScopeError: neither the line nor the defaults name an owner.
    """
    fields = _fields(text)
    try:
        if MARK in fields:
            return read_archived(fields, project_id)
        if "messages" in fields:
            return Conversation(*_add(_with_defaults(fields, defaults)))
        if str(fields.get("memory") or fields.get("text") or "").strip():
            return Statement(*_add(_with_defaults(StatementLine.model_validate(fields).as_add(), defaults)))
    except ValidationError as error:
        raise InvalidRequestError(reasons_of(error)) from error
    raise InvalidRequestError(f"{_KINDS}.")


def _fields(text: bytes | None) -> dict[str, Any]:
    if text is None:
        raise InvalidRequestError(f"longer than {BODY_LIMIT_BYTES} bytes.")
    try:
        fields = read_json(text.decode())
    except (UnicodeDecodeError, InvalidRequestError) as error:
        raise InvalidRequestError("not valid JSON in UTF-8.") from error
    if not isinstance(fields, dict):
        raise InvalidRequestError("not a JSON object.")
    return fields


def _with_defaults(fields: Mapping[str, Any], defaults: LineDefaults) -> dict[str, Any]:
    """Fill in what is not said; the project is the one imported into, whatever the line names."""
    filters = fields.get("filters")
    inside = filters if isinstance(filters, dict) else {}
    owners = {
        name: owner for name, owner in defaults.owners.items() if fields.get(name) is None and inside.get(name) is None
    }
    infers = {} if defaults.infers is None or "infer" in fields else {"infer": defaults.infers}
    rest = {name: value for name, value in fields.items() if name not in {"org_id", "project_id"}}
    return rest | owners | infers


def _add(fields: Mapping[str, Any]) -> tuple[str, AddRequest]:
    request = add_request(AddBody.model_validate(fields))
    if request.scope.is_empty:
        raise MissingScopeError(f"names no owner: one of {', '.join(OWNER_FIELDS)} is required.")
    canonical = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest(), request
