"""What an add says, wherever it comes from: a request's body, an event's detail, a line of a file."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, ValidationError

from ricordo.domain import limits
from ricordo.domain.episode import Message, Role, with_labelled_speakers
from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.moments import parse_moment
from ricordo.domain.scope import MAX_OWNER_ID_CHARS, WILDCARD, OwnerType, Scope, owner_id
from ricordo.usecases.accept_add import AddRequest

OWNER_FIELDS = tuple(owner_type.field for owner_type in OwnerType)
_MAX_REASONS = 3
# What shapes the memories of an add and is kept with it. Anything else a client sends along, be it its own
# settings or its key, is forgotten with the request.
_OPTIONS = frozenset(
    {
        "metadata",
        "infer",
        "immutable",
        "expiration_date",
        "categories",
        "custom_categories",
        "custom_instructions",
        "agent_custom_instructions",
        "includes",
        "excludes",
        "structured_data_schema",
        "temporal_reasoning",
        "timezone",
    }
)

OwnerId = Annotated[str, Field(min_length=1, max_length=MAX_OWNER_ID_CHARS)] | StrictInt
Content = Annotated[str, Field(max_length=limits.MAX_CONTENT_CHARS)]
Time = StrictInt | StrictFloat | str
Metadata = Annotated[dict[str, Any], Field(json_schema_extra={"maxProperties": limits.MAX_METADATA_KEYS})]


Categories = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=limits.MAX_NAME_CHARS)]],
    Field(max_length=limits.MAX_CATEGORIES),
]


class Body(BaseModel):
    """Base of all bodies; fields that are sent and not known are kept in `model_extra`."""

    model_config = ConfigDict(extra="allow", strict=False)

    org_id: str | None = None
    project_id: str | None = None


class MessageBody(BaseModel):
    """One message; `content` is text, a typed object, or a list of typed parts."""

    model_config = ConfigDict(extra="allow")

    role: str = "user"
    content: Content | dict[str, Any] | list[dict[str, Any] | str] | None
    name: Annotated[str, Field(max_length=limits.MAX_NAME_CHARS)] | None = None


class AddBody(Body):
    """Body of an add. Owners stand at the top or inside `filters`."""

    messages: Content | MessageBody | Annotated[list[MessageBody], Field(max_length=limits.MAX_MESSAGES)]
    user_id: OwnerId | None = None
    agent_id: OwnerId | None = None
    app_id: OwnerId | None = None
    run_id: OwnerId | None = None
    filters: dict[str, Any] | None = None
    metadata: Metadata | None = None
    infer: bool = True
    immutable: bool = False
    expiration_date: str | None = None
    timestamp: Time | None = None
    categories: Categories | None = None
    custom_categories: list[Any] | None = None


def add_request(body: AddBody) -> AddRequest:
    """Read an add.

    Raises:
        InvalidRequestError: a message, an owner, the metadata or a date is not acceptable.
    """
    sent = body.model_dump(exclude_unset=True)
    options = {name: sent[name] for name in sorted(_OPTIONS & sent.keys())} | {"infer": body.infer}
    check_metadata(body.metadata)
    _check_custom_categories(body.custom_categories)
    if body.expiration_date is not None:
        parse_moment(body.expiration_date, "expiration_date")
    said_at = None if body.timestamp is None else parse_moment(body.timestamp, "timestamp").start
    return AddRequest(
        scope=_scope_of_add(body),
        messages=with_labelled_speakers(tuple(_message(message, infer=body.infer) for message in _messages(body))),
        said_at=said_at,
        options=options,
    )


def _scope_of_add(body: AddBody) -> Scope:
    owners: dict[str, str] = {}
    for field in OWNER_FIELDS:
        value = getattr(body, field)
        if value is None:
            value = (body.filters or {}).get(field)
        if value is not None:
            owners[field] = owner_id(value, field)
    if WILDCARD in owners.values():
        raise InvalidRequestError('"*" stands for any owner in filters; it cannot own memories itself.')
    return Scope(**owners)


def _messages(body: AddBody) -> Sequence[MessageBody]:
    if isinstance(body.messages, str):
        return [MessageBody(content=body.messages)]
    messages = [body.messages] if isinstance(body.messages, MessageBody) else body.messages
    if not messages:
        raise InvalidRequestError("messages must not be empty.")
    return messages


def _message(body: MessageBody, *, infer: bool) -> Message:
    content = _text_of(body.content, infer=infer)
    if len(content) > limits.MAX_CONTENT_CHARS:
        raise InvalidRequestError(f"A message may have at most {limits.MAX_CONTENT_CHARS} characters.")
    role = Role(body.role) if body.role in set(Role) else Role.SYSTEM
    return Message(role, content, (body.name or "").strip() or None)


def _text_of(content: str | Mapping[str, Any] | Sequence[Any] | None, *, infer: bool) -> str:
    """Join the text parts of a content; others cannot be read yet and are refused where kept verbatim."""
    if content is None or isinstance(content, str):
        return content or ""
    texts = []
    for part in [content] if isinstance(content, Mapping) else content:
        text = part if isinstance(part, str) else part.get("text")
        if isinstance(text, str):
            texts.append(text)
        elif not infer:
            raise InvalidRequestError("With infer=false a message's content must be text.")
    return "\n".join(texts)


def check_metadata(metadata: Mapping[str, Any] | None) -> None:
    """Refuse metadata over the limits."""
    if not metadata:
        return
    size = len(json.dumps(metadata, ensure_ascii=False).encode())
    if size > limits.MAX_METADATA_BYTES or len(metadata) > limits.MAX_METADATA_KEYS:
        raise InvalidRequestError(
            f"metadata has more than {limits.MAX_METADATA_KEYS} keys or {limits.MAX_METADATA_BYTES} bytes."
        )


def _check_custom_categories(categories: Sequence[Any] | None) -> None:
    for category in categories or []:
        if not isinstance(category, Mapping):
            raise InvalidRequestError(
                f'Expected a dictionary of items but got type "{type(category).__name__}":'
                ' custom_categories is a list of objects such as {"travel": "Trips and plans"}.'
            )


def reasons_of(error: ValidationError) -> str:
    """Say what is wrong without repeating the input."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    named = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in faults]
    rest = f" (and {len(named) - _MAX_REASONS} more)" if len(named) > _MAX_REASONS else ""
    return "; ".join(named[:_MAX_REASONS]) + rest + "."
