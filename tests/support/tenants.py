"""Two projects that name everything alike, and all that one of them can read: each must see its own and nothing else.

What could be confused carries the name of its project, and each project has a memory, an event and an owner that the
other has not.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from support.builders import (
    DIMENSIONS,
    OTHER_PROJECT,
    PROJECT,
    a_fact,
    a_memory,
    a_project,
    an_episode,
    an_event,
    embedded,
)
from support.clocks import START
from support.stores import Stores

from ricordo.domain.consolidation import ChangedScope, ProjectReport
from ricordo.domain.event import EventStatus, Lease
from ricordo.domain.ids import EventId, MemoryId, ProjectId
from ricordo.domain.memory import Memory, MemoryPatch, Source, bury, revise
from ricordo.domain.paging import PageRequest
from ricordo.domain.scope import Owner, OwnerType, Scope
from ricordo.domain.usage import ModelUsage, UsageKind
from ricordo.ports.idempotency_store import Claimed

TENANTS = (PROJECT, OTHER_PROJECT)
SHARED, GONE, EVENT = MemoryId("shared"), MemoryId("gone"), EventId("event")
OWNERS = ("ana", "chef", "kitchen", "run")
SCOPE = Scope(*OWNERS)
LATER, AT_LAST = START + timedelta(hours=1), START + timedelta(days=4000)
ALL = PageRequest(1, 50)


def only(project_id: ProjectId) -> str:
    """Name what one project has and the other has not."""
    return f"only-{project_id}"


def other_than(project_id: ProjectId) -> ProjectId:
    """Return the other project."""
    return TENANTS[1 - TENANTS.index(project_id)]


def fill(stores: Stores, project_id: ProjectId) -> None:
    """Give a project all that there is to read."""
    stores.projects.create(a_project(project_id, name=project_id))
    stores.owners.touch(project_id, SCOPE, at=START, speakers=frozenset([project_id]))
    stores.owners.touch(project_id, Scope(only(project_id)), at=LATER)
    lease = _accepted(stores, project_id, EVENT)
    stores.events.keep_facts(lease, [a_fact(project_id)], {})
    first, gone, last = (
        memory_of(project_id, name, text, ordinal)
        for ordinal, (name, text) in enumerate(((SHARED, "tea"), (GONE, "milk tea"), (only(project_id), "tea at four")))
    )
    stores.memories.insert([first, gone, last], lease=lease)
    stores.memories.replace(revise(first, MemoryPatch(metadata=_marked(project_id)), now=LATER), expected_version=1)
    stores.memories.replace(bury(gone, now=LATER), expected_version=1)
    ended = stores.events.get(project_id, EVENT)
    stores.events.finish(lease, replace(ended, status=EventStatus.SUCCEEDED, completed_at=LATER))
    _accepted(stores, project_id, EventId(only(project_id)))
    claim = stores.idempotency.claim(project_id, "key", fingerprint="f", now=START, until=LATER)
    if isinstance(claim, Claimed):
        stores.idempotency.complete(project_id, "key", claim, project_id, expires_at=AT_LAST)
    stores.usage.record(project_id, usage_of(project_id))
    _consolidate(stores, project_id)


def consolidated_at(project_id: ProjectId) -> datetime:
    """Return up to when a project was consolidated; no two projects were at the same time."""
    return START + timedelta(minutes=1 + TENANTS.index(project_id))


def _consolidate(stores: Stores, project_id: ProjectId) -> None:
    at = consolidated_at(project_id)
    changed = ChangedScope(Owner(OwnerType.USER, "ana"), at)
    claim = stores.consolidations.claim(project_id, changed, holder=project_id, now=at, until=at)
    if claim is not None:
        stores.consolidations.complete(claim)
    stores.consolidations.begin(project_id, at=at)
    stores.consolidations.report(project_id, ProjectReport(project_id), through=at)


def _accepted(stores: Stores, project_id: ProjectId, event_id: EventId) -> Lease:
    event = an_event(event_id, project_id=project_id, scope=SCOPE, request={"tenant": project_id})
    assert stores.events.accept(event, an_episode(event, project_id))
    work = stores.events.claim(now=START, lease_s=60, named=(project_id, event_id))
    assert work is not None
    return work.lease


def memory_of(project_id: ProjectId, name: str, text: str, ordinal: int) -> Memory:
    """Build a memory of a project's; `ordinal` says when it was accepted."""
    accepted_at = START + timedelta(microseconds=ordinal)
    return a_memory(
        text,
        memory_id=MemoryId(name),
        project_id=project_id,
        scope=SCOPE,
        source=Source(EVENT, an_episode(an_event(EVENT)).episode_id, ordinal, 0),
        created_at=START,
        updated_at=accepted_at,
        accepted_at=accepted_at,
        thread=SCOPE.digest(),
        metadata=_marked(project_id),
        categories=("drinks",),
        speaker=project_id,
        embedding=embedded(ordinal % DIMENSIONS),
    )


def _marked(project_id: ProjectId) -> dict[str, object]:
    return {"tenant": project_id, "kind": "drink"}


def usage_of(project_id: ProjectId) -> ModelUsage:
    """Return what a project's calls of the model come to."""
    return ModelUsage("model", UsageKind.EMBED, 1 + TENANTS.index(project_id), 10, 0, START.date())
