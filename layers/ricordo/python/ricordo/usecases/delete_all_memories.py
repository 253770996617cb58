from dataclasses import replace

from ricordo.domain.errors import MissingScopeError
from ricordo.domain.event import Event, EventType
from ricordo.domain.filters import All, OwnedBy
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.scope import WILDCARD, Owner, OwnerType, Scope
from ricordo.ports.clock import Clock
from ricordo.ports.event_store import EventStore
from ricordo.ports.ingestion import Ingestion
from ricordo.ports.memory_store import MemoryStore
from ricordo.ports.owner_store import OwnerStore


def delete_all_memories(
    scope: Scope,
    *,
    project_id: ProjectId,
    event_id: EventId,
    memories: MemoryStore,
    events: EventStore,
    ingestion: Ingestion,
    clock: Clock,
) -> Event:
    """Hide at once every memory that has all these owners, and have it removed in the background.

    `*` stands for any owner of its type; `*` for all four means the whole project. Adds accepted before and
    not yet stored are hidden too.

    Raises:
        MissingScopeError: no owner is named.
    """
    if scope.is_empty:
        raise MissingScopeError("One of user_id, agent_id, app_id, run_id is required: say whose memories to delete.")
    hidden = memories.hide(project_id, _pattern(scope))
    now = clock.now()
    event = Event(
        event_id=event_id,
        project_id=project_id,
        type=EventType.DELETE_ALL,
        scope=scope,
        created_at=now,
        updated_at=now,
        notes={"hidden": hidden},
    )
    return _begin(event, events=events, ingestion=ingestion)


def delete_owner(
    owner: Owner,
    *,
    project_id: ProjectId,
    event_id: EventId,
    memories: MemoryStore,
    owners: OwnerStore,
    events: EventStore,
    ingestion: Ingestion,
    clock: Clock,
) -> Event:
    """Delete a user, agent, app or run with all its memories.

    Raises:
        OwnerNotFoundError: there is no such owner.
    """
    owners.get(project_id, owner)
    hidden = memories.hide(project_id, OwnedBy(owner.type, frozenset([owner.id])))
    owners.remove(project_id, owner)
    now = clock.now()
    event = Event(
        event_id=event_id,
        project_id=project_id,
        type=EventType.DELETE_USER,
        scope=replace(Scope(), **{owner.type.field: owner.id}),
        created_at=now,
        updated_at=now,
        notes={"hidden": hidden},
    )
    return _begin(event, events=events, ingestion=ingestion)


def _begin(event: Event, *, events: EventStore, ingestion: Ingestion) -> Event:
    events.accept(event, None)
    ingestion.start(event)
    return event


def _pattern(scope: Scope) -> All | OwnedBy:
    """Spell the owners as a filter; all four wildcards are everything, owned or not."""
    owners = list(scope.owners())
    if len(owners) == len(OwnerType) and all(owner.id == WILDCARD for owner in owners):
        return All()
    return All(tuple(OwnedBy(owner.type, None if owner.id == WILDCARD else frozenset([owner.id])) for owner in owners))
