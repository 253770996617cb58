"""Bodies as mem0's clients send them. Unknown fields pass: clients send their own settings along."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StringConstraints

from ricordo.domain import limits
from ricordo.domain.scope import MAX_OWNER_ID_CHARS

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


class SearchBody(Body):
    """Body of a search; owners stand inside `filters`."""

    query: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=limits.MAX_QUERY_CHARS)]
    filters: dict[str, Any]
    top_k: Annotated[int, Field(ge=1, le=limits.MAX_TOP_K)] | None = None
    threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    rerank: bool | None = None
    fields: list[str] | None = None
    categories: list[str] | None = None
    metadata: Metadata | None = None
    show_expired: bool | None = None
    latest_only: bool | None = None
    keyword_search: bool | None = None
    reference_date: Time | None = None


class ListBody(Body):
    """Body of a list; owners stand inside `filters`. A page in the query wins over one in the body."""

    filters: dict[str, Any] | None = None
    page: Annotated[int, Field(ge=1, le=limits.MAX_PAGE)] | None = None
    page_size: Annotated[int, Field(ge=1, le=limits.MAX_PAGE_SIZE)] | None = None
    fields: list[str] | None = None
    categories: list[str] | None = None
    keywords: str | None = None
    metadata: Metadata | None = None
    start_date: str | None = None
    end_date: str | None = None
    show_expired: bool | None = None
    latest_only: bool | None = None


class UpdateBody(Body):
    """What an update changes; an explicit null clears the expiration."""

    text: Annotated[str, Field(min_length=1, max_length=limits.MAX_CONTENT_CHARS)] | None = None
    metadata: Metadata | None = None
    timestamp: Time | None = None
    expiration_date: str | None = None


class BatchUpdateItem(UpdateBody):
    """One memory of a batch update."""

    memory_id: str


class BatchUpdateBody(Body):
    """Body of a batch update."""

    memories: Annotated[list[BatchUpdateItem], Field(min_length=1)]


class BatchDeleteItem(BaseModel):
    """One memory of a batch delete."""

    model_config = ConfigDict(extra="allow")

    memory_id: str


class BatchDeleteBody(Body):
    """Body of a batch delete."""

    memories: Annotated[list[BatchDeleteItem], Field(min_length=1)]
