from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ricordo.domain.episode import Episode, Message
from ricordo.domain.errors import MissingScopeError
from ricordo.domain.event import Event, EventType
from ricordo.domain.ids import EventId, ProjectId, episode_id_for
from ricordo.domain.scope import Scope
from ricordo.ports.clock import Clock
from ricordo.ports.event_store import EventStore
from ricordo.ports.owner_store import OwnerStore


@dataclass(frozen=True, slots=True)
class AddRequest:
    """What to remember.

    Attributes:
        said_at: When it was said; None is now.
        options: Settings that shape the memories, in JSON's types: infer, metadata, categories,
        expiration_date,
            immutable and what else the caller sent.
    """

    scope: Scope
    messages: tuple[Message, ...]
    said_at: datetime | None = None
    options: Mapping[str, object] = field(default_factory=dict)


def episode_of(request: AddRequest, *, project_id: ProjectId, event_id: EventId, now: datetime) -> Episode:
    """Build the episode an add stands for.

    Raises:
        MissingScopeError: the scope is empty.
    """
    if request.scope.is_empty:
        raise MissingScopeError("One of user_id, agent_id, app_id, run_id is required: say whose memory this is.")
    return Episode(
        episode_id=episode_id_for(event_id),
        event_id=event_id,
        project_id=project_id,
        scope=request.scope,
        messages=request.messages,
        said_at=request.said_at or now,
        accepted_at=now,
        options=request.options,
    )


def accept_add(
    request: AddRequest,
    *,
    project_id: ProjectId,
    event_id: EventId,
    events: EventStore,
    owners: OwnerStore,
    clock: Clock,
) -> Event:
    """Take an add in: from here on it is not lost, and the event tells how it ends.

    Accepting the same event id again returns the event as it stands.

    Raises:
        MissingScopeError: the scope is empty.
    """
    now = clock.now()
    event = Event(
        event_id=event_id,
        project_id=project_id,
        type=EventType.ADD,
        scope=request.scope,
        created_at=now,
        updated_at=now,
        request=request.options,
        messages=request.messages,
    )
    episode = episode_of(request, project_id=project_id, event_id=event_id, now=now)
    speakers = frozenset(message.name for message in request.messages if message.name)
    owners.touch(project_id, request.scope, at=now, speakers=speakers)
    if not events.accept(event, episode):
        return events.get(project_id, event_id)
    return event
