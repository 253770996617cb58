"""Bodies and queries turned into what the use cases take."""

import ast
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from functions.api.models import ListBody, SearchBody, UpdateBody
from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.filter_grammar import parse_filters, require_scope
from ricordo.domain.filters import All, Expression, TextContains, TimeField, Within
from ricordo.domain.ids import MemoryId, as_uuid
from ricordo.domain.memory import MemoryPatch
from ricordo.domain.moments import parse_moment
from ricordo.domain.scope import Scope, owner_id
from ricordo.runtime.add_fields import OWNER_FIELDS, check_metadata

_BESIDE_OWNERS = frozenset({"org_id", "project_id", "source"})  # what clients send along with every request


def search_filter(body: SearchBody) -> Expression:
    """Read the filters of a search with its request-level conditions.

    Raises:
        InvalidRequestError: owners stand outside of filters.
        InvalidFilterError: the filters are not of the grammar.
        MissingScopeError: they name no owner.
    """
    refuse_top_level_owners(body.model_extra)
    parts = [scoped_filter(body.filters), *_conditions(body.metadata, body.categories)]
    return All(tuple(parts))


def list_filter(body: ListBody) -> Expression:
    """Read the filters of a list with its request-level conditions; raises as `search_filter`."""
    refuse_top_level_owners(body.model_extra)
    parts = [scoped_filter(body.filters or {}), *_conditions(body.metadata, body.categories)]
    if body.keywords:
        parts.append(TextContains(body.keywords, folds_case=True))
    if body.start_date or body.end_date:
        parts.append(between(body.start_date, body.end_date))
    return All(tuple(parts))


def between(start_date: str | None, end_date: str | None) -> Within:
    """Read a range of created_at; an end that is a date includes its day."""
    start = parse_moment(start_date, "start_date").start if start_date else None
    end = parse_moment(end_date, "end_date").end if end_date else None
    return Within(TimeField.CREATED_AT, start, end)


def scoped_filter(filters: object) -> Expression:
    """Parse filters that must name an owner."""
    expression = parse_filters(filters)
    require_scope(expression)
    return expression


def refuse_top_level_owners(extra: Mapping[str, Any] | None) -> None:
    """Refuse owners outside of filters, as the SDKs do before sending."""
    found = sorted(set(OWNER_FIELDS) & set(extra or {}))
    if found:
        raise InvalidRequestError(
            f"Top-level entity parameters {found} are not supported here: put them inside filters,"
            f' e.g. {{"filters": {{"{found[0]}": "..."}}}}.'
        )


def _conditions(metadata: Mapping[str, Any] | None, categories: Sequence[str] | None) -> list[Expression]:
    parts = []
    if metadata:
        parts.append(parse_filters({"metadata": metadata}))
    if categories:
        parts.append(parse_filters({"categories": {"in": list(categories)}}))
    return parts


def memory_patch(body: UpdateBody) -> MemoryPatch:
    """Read what an update changes.

    Raises:
        InvalidRequestError: nothing is to be changed, or a value is not acceptable.
    """
    changed = body.model_fields_set & {"text", "metadata", "timestamp", "expiration_date"}
    if not changed:
        raise InvalidRequestError("Send at least one of text, metadata, timestamp, expiration_date.")
    if body.text is not None and not body.text.strip():
        raise InvalidRequestError("text must not be blank.")
    check_metadata(body.metadata)
    expiration = body.expiration_date
    return MemoryPatch(
        text=body.text,
        metadata=body.metadata,
        created_at=_start(body.timestamp, "timestamp"),
        expiration=None if expiration is None else parse_moment(expiration, "expiration_date"),
        clears_expiration="expiration_date" in changed and expiration is None,
    )


def _start(value: object, field: str) -> datetime | None:
    return None if value is None else parse_moment(value, field).start


def memory_id(text: str) -> MemoryId:
    """Read a memory's id.

    Raises:
        InvalidRequestError: it is no UUID.
    """
    canonical = as_uuid(text)
    if canonical is None:
        raise InvalidRequestError("memory_id should be a valid UUID")
    return MemoryId(canonical)


def scope_of_query(query: Mapping[str, str | None]) -> Scope:
    """Read the owners of a delete_all.

    The Python client sends `filters={...}` as the repr of a dict. What cannot be read is refused, never
    ignored.

    Raises:
        InvalidRequestError: an owner is blank, or a condition other than owners is sent.
    """
    named = {name: value for name, value in query.items() if value is not None and name not in _BESIDE_OWNERS}
    filters = named.pop("filters", None)
    unknown = sorted(set(named) - set(OWNER_FIELDS))
    if unknown:
        raise InvalidRequestError(
            f"delete_all takes {', '.join(OWNER_FIELDS)} and nothing else, not {unknown[0][:32]!r}:"
            " list the memories that match and delete them in a batch."
        )
    owners: dict[str, Any] = dict(named)
    for field, value in _owners_in_literal(filters).items() if filters is not None else ():
        if owners.setdefault(field, value) != value:
            raise InvalidRequestError(f"{field} stands in the query and, with another value, in filters.")
    return Scope(**{field: owner_id(value, field) for field, value in owners.items()})


def _owners_in_literal(text: str) -> dict[str, Any]:
    try:
        value = ast.literal_eval(text) if text.startswith("{'") else json.loads(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise InvalidRequestError('filters must be JSON such as {"user_id": "ana"}.') from error
    if not isinstance(value, dict) or not value or not set(value) <= set(OWNER_FIELDS):
        raise InvalidRequestError(f"delete_all filters may hold only {', '.join(OWNER_FIELDS)}.")
    return value
