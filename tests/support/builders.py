"""Domain objects with everything filled in; a test names only what it is about."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import numpy as np
from support.clocks import START

from ricordo.domain.episode import Episode, Message, Role
from ricordo.domain.event import Event, EventType, Lease
from ricordo.domain.fact import Fact
from ricordo.domain.filters import Expression, OwnedBy
from ricordo.domain.ids import EventId, KeyId, MemoryId, ProjectId, episode_id_for, memory_id_for
from ricordo.domain.memory import Embedding, Memory, Source, Vector
from ricordo.domain.project import AccessRole, ApiKey, Project
from ricordo.domain.scope import OwnerType, Scope

PROJECT = ProjectId("proj-a")
OTHER_PROJECT = ProjectId("proj-b")
ANA = Scope(user_id="ana")
MODEL = "model-1"
DIMENSIONS = 8

_numbers = count(1)


def a_memory(text: str = "Ana lives in Lisbon.", **changes: Any) -> Memory:
    """Build a memory of Ana's; without `memory_id` it is a new one, accepted after all before it."""
    number = next(_numbers)
    event_id = EventId(f"event-{number}")
    accepted_at = changes.pop("accepted_at", START + timedelta(milliseconds=number))
    scope = changes.pop("scope", ANA)
    fields: dict[str, Any] = {
        "memory_id": memory_id_for(event_id, 0),
        "project_id": PROJECT,
        "scope": scope,
        "text": text,
        "source": Source(event_id, episode_id_for(event_id), 0, 0),
        "created_at": accepted_at,
        "updated_at": accepted_at,
        "accepted_at": accepted_at,
        "thread": scope.digest(),
    }
    return Memory(**(fields | changes))


def an_event(event_id: str = "", **changes: Any) -> Event:
    """Build the PENDING event of an add for Ana."""
    fields: dict[str, Any] = {
        "event_id": EventId(event_id or f"event-{next(_numbers)}"),
        "project_id": PROJECT,
        "type": EventType.ADD,
        "scope": ANA,
        "created_at": START,
        "updated_at": START,
    }
    return Event(**(fields | changes))


def an_episode(event: Event, *contents: str, **changes: Any) -> Episode:
    """Build the episode behind an event: what a user said."""
    fields: dict[str, Any] = {
        "episode_id": episode_id_for(event.event_id),
        "event_id": event.event_id,
        "project_id": event.project_id,
        "scope": event.scope,
        "messages": tuple(Message(Role.USER, content) for content in contents or ("I live in Lisbon.",)),
        "said_at": event.created_at,
        "accepted_at": event.created_at,
    }
    return Episode(**(fields | changes))


def a_fact(text: str = "Ana lives in Lisbon.", **changes: Any) -> Fact:
    """Build a fact the user stated in the first message."""
    fields: dict[str, Any] = {"text": text, "attributed_to": Role.USER, "message_index": 0}
    return Fact(**(fields | changes))


def a_project(project_id: str = PROJECT, **changes: Any) -> Project:
    """Build a tenant."""
    fields: dict[str, Any] = {
        "project_id": ProjectId(project_id),
        "org_id": "org-1",
        "name": "Kitchen",
        "created_at": START,
        "updated_at": START,
    }
    return Project(**(fields | changes))


def a_key(key_id: str = "0123456789abcdef", **changes: Any) -> ApiKey:
    """Build an API key in force."""
    fields: dict[str, Any] = {
        "key_id": KeyId(key_id),
        "project_id": PROJECT,
        "org_id": "org-1",
        "name": "laptop",
        "role": AccessRole.OWNER,
        "secret_hash": "ab" * 32,
        "created_at": START,
    }
    return ApiKey(**(fields | changes))


def a_lease(event: Event, epoch: int = 1) -> Lease:
    """Build a lease nobody was granted."""
    return Lease(event.project_id, event.event_id, epoch, START)


def a_vector(place: int) -> Vector:
    """Return the unit vector along one axis; exact in float16."""
    vector = np.zeros(DIMENSIONS, np.float32)
    vector[place] = 1
    return vector


def embedded(place: int, model_id: str = MODEL) -> Embedding:
    """Return `a_vector` as an embedding."""
    return Embedding(model_id, a_vector(place))


def owned_by(user_id: str = "ana") -> Expression:
    """Return the filter for one user's memories."""
    return OwnedBy(OwnerType.USER, frozenset([user_id]))


def ids_of(memories: Sequence[Memory]) -> list[MemoryId]:
    """Return the ids, in order."""
    return [memory.memory_id for memory in memories]
