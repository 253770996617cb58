"""Bodies as mem0's clients send them. Unknown fields pass: clients send their own settings along."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ricordo.domain import limits
from ricordo.runtime.add_fields import Body, Metadata, Time


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
