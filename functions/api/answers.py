"""What the API answers, for its description; `views` builds it, and the fuzz test compares the two."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Owner = str | None
Moment = str


class Answer(BaseModel):
    """Base of all answers; clients must take keys they do not know."""

    model_config = ConfigDict(extra="allow")


class Refusal(Answer):
    """Why a request was refused: `detail` for people, `code` for programs."""

    detail: str
    code: str
    error: str | None = None
    message: str | None = None
    details: dict[str, Any] | None = None
    filters: list[str] | None = None


class Health(Answer):
    """It answers."""

    status: Literal["ok"]


class Ping(Health):
    """Whose key it is."""

    org_id: str
    project_id: str


class AddedText(Answer):
    """The text of a memory, in the place mem0's clients look for it."""

    memory: str


class AddedMemory(Answer):
    """One memory an event wrote."""

    id: str
    memory: str
    data: AddedText
    event: Literal["ADD", "UPDATE", "DELETE"]


class Accepted(Answer):
    """An add that was taken in; PENDING means that its event goes on in the background."""

    message: str
    status: Literal["PENDING", "SUCCEEDED", "FAILED"]
    event_id: str
    results: list[AddedMemory] | None = None


class Deleting(Answer):
    """A deletion: hidden already, removed in the background under this event."""

    message: str
    event_id: str


class Done(Answer):
    """A change that was made."""

    message: str
    cascade_count: int | None = None


class MemoryAnswer(Answer):
    """A memory; with `fields`, only its id and what was asked for."""

    id: str
    memory: str | None = None
    user_id: Owner = None
    agent_id: Owner = None
    app_id: Owner = None
    run_id: Owner = None
    session_id: Owner = None
    metadata: dict[str, Any] | None = None
    categories: list[str] | None = None
    attributed_to: str | None = None
    expiration_date: Moment | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    structured_attributes: dict[str, Any] | None = None
    lifecycle_state: Literal["active", "superseded", "merged"] | None = None
    version: int | None = Field(default=None, ge=1)
    immutable: bool | None = None


class FoundMemory(MemoryAnswer):
    """A search result with its score and the signals that made it."""

    score: float | None = Field(default=None, ge=0, le=1)
    score_breakdown: dict[str, float] | None = None


class Found(Answer):
    """Results, best first; `degraded` names the parts that were down."""

    results: list[FoundMemory]
    degraded: list[str] | None = None


class PageOf(Answer):
    """One page, how many there are in all, and where the pages beside it are."""

    count: int = Field(ge=0)
    next: str | None
    previous: str | None


class PageOfMemories(PageOf):
    """One page of memories, newest first."""

    results: list[MemoryAnswer]


class Version(Answer):
    """One entry of a history."""

    id: str
    memory_id: str
    event: Literal["ADD", "UPDATE", "DELETE"]
    old_memory: str | None
    new_memory: str | None
    input: list[dict[str, Any]]
    metadata: dict[str, Any]
    categories: list[str]
    created_at: Moment
    updated_at: Moment


class EventAnswer(Answer):
    """What became of an operation; `metadata` says why something was not kept."""

    id: str
    event_type: Literal["ADD", "DELETE_ALL", "DELETE_USER"]
    status: Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED"]
    payload: dict[str, Any]
    metadata: dict[str, Any]
    results: list[AddedMemory]
    created_at: Moment
    updated_at: Moment
    started_at: Moment | None
    completed_at: Moment | None
    latency: float | None
    error: str | None


class PageOfEvents(PageOf):
    """One page of events, newest first."""

    results: list[EventAnswer]


class OwnerAnswer(Answer):
    """A user, agent, app or run."""

    id: str
    name: str
    type: Literal["user", "agent", "app", "run"]
    metadata: dict[str, Any]
    created_at: Moment
    updated_at: Moment


class PageOfOwners(PageOf):
    """One page of owners, last changed first, with totals by type."""

    results: list[OwnerAnswer]
    total_users: int
    total_agents: int
    total_apps: int
    total_runs: int
