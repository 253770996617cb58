"""Domain objects as mem0's clients read them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from ricordo.domain.episode import Message
from ricordo.domain.event import Event
from ricordo.domain.ids import history_id_for
from ricordo.domain.memory import Memory, MemoryVersion
from ricordo.domain.moments import iso
from ricordo.domain.paging import Page
from ricordo.domain.project import OwnerRecord, OwnerTotals
from ricordo.domain.ranking import Scored
from ricordo.domain.scope import Scope
from ricordo.runtime.add_fields import OWNER_FIELDS
from ricordo.runtime.cursors import Cursor

Json = dict[str, Any]
T = TypeVar("T")
_QUARTER_MONTHS = 3
_FRIDAY = 4


def memory_view(memory: Memory) -> Json:
    """Show a memory as get, list and update do."""
    return {
        **_remembered(memory),
        "structured_attributes": _calendar(memory.created_at),
        "replaced_by": memory.replaced_by,
        "synthesized": False,
        "immutable": memory.immutable,
        "lifecycle_state": memory.state.value,
        "version": memory.version,
    }


def scored_view(scored: Scored) -> Json:
    """Show a search result with its score in [0, 1] and the signals it is made of."""
    return {
        **_remembered(scored.memory),
        "score": round(scored.score, 4),
        "score_breakdown": {name: round(value, 4) for name, value in scored.breakdown.items()},
    }


def _remembered(memory: Memory) -> Json:
    """Show what every view of a memory has; the run stands under both names clients look for."""
    return {
        "id": memory.memory_id,
        "memory": memory.text,
        **_owners(memory.scope),
        "metadata": dict(memory.metadata),
        "categories": list(memory.categories),
        "attributed_to": memory.attributed_to.value if memory.attributed_to else None,
        "expiration_date": memory.expiration.text if memory.expiration else None,
        "created_at": iso(memory.created_at),
        "updated_at": iso(memory.updated_at),
    }


def _owners(scope: Scope) -> Json:
    return {
        "user_id": scope.user_id,
        "agent_id": scope.agent_id,
        "app_id": scope.app_id,
        "run_id": scope.run_id,
        "session_id": scope.run_id,
    }


def _calendar(at: datetime) -> Json:
    return {
        "year": at.year,
        "month": at.month,
        "day": at.day,
        "hour": at.hour,
        "minute": at.minute,
        "day_of_week": at.strftime("%A").lower(),
        "day_of_year": at.timetuple().tm_yday,
        "week_of_year": at.isocalendar().week,
        "quarter": (at.month - 1) // _QUARTER_MONTHS + 1,
        "is_weekend": at.weekday() > _FRIDAY,
    }


def projected(view: Json, fields: Sequence[str] | None) -> Json:
    """Keep the fields asked for; the id always stays."""
    return {name: value for name, value in view.items() if name == "id" or name in fields} if fields else view


def messages_view(messages: Sequence[Message]) -> list[Json]:
    """Show messages as they were sent."""
    return [
        {"role": message.role.value, "content": message.content} | ({"name": message.name} if message.name else {})
        for message in messages
    ]


def version_view(version: MemoryVersion, sources: Sequence[Json]) -> Json:
    """Show one entry of a history."""
    return {
        "id": history_id_for(version.memory_id, version.version),
        "memory_id": version.memory_id,
        "input": list(sources),
        "old_memory": version.old_text,
        "new_memory": version.new_text,
        **_owners(version.scope),
        "categories": list(version.categories),
        "event": version.change.value,
        "metadata": dict(version.metadata),
        "created_at": iso(version.created_at),
        "updated_at": iso(version.changed_at),
    }


def results_view(event: Event) -> list[Json]:
    """Show what an event wrote; the text stands under both keys clients look for."""
    return [
        {
            "id": result.memory_id,
            "memory": result.text,
            "data": {"memory": result.text},
            "event": result.change.value,
        }
        for result in event.results
    ]


def event_view(event: Event) -> Json:
    """Show an event."""
    owners = {name: value for name, value in _owners(event.scope).items() if value and name in OWNER_FIELDS}
    return {
        "id": event.event_id,
        "event_type": event.type.value,
        "status": event.status.value,
        "payload": {**event.request, **owners}
        | ({"messages": messages_view(event.messages)} if event.messages else {}),
        "metadata": dict(event.notes),
        "results": results_view(event),
        "created_at": iso(event.created_at),
        "updated_at": iso(event.updated_at),
        "started_at": iso(event.started_at) if event.started_at else None,
        "completed_at": iso(event.completed_at) if event.completed_at else None,
        "latency": event.latency_ms,
        "graph_status": None,
        "error": event.error,
    }


def owner_view(owner: OwnerRecord) -> Json:
    """Show a user, agent, app or run."""
    return {
        "id": f"{owner.type.value}:{owner.owner_id}",
        "name": owner.owner_id,
        "type": owner.type.value,
        "owner": None,
        "metadata": dict(owner.metadata),
        "created_at": iso(owner.created_at),
        "updated_at": iso(owner.updated_at),
    }


def totals_view(totals: OwnerTotals) -> Json:
    """Show how many owners there are."""
    return {
        "total_users": totals.users,
        "total_agents": totals.agents,
        "total_apps": totals.apps,
        "total_runs": totals.runs,
    }


def page_view(
    page: Page[T],
    show: Callable[[T], Json],
    *,
    url: str,
    query: Mapping[str, str],
    sign: Callable[[Cursor], str] | None = None,
) -> Json:
    """Show a page in mem0's envelope, with links to the pages beside it; `sign` adds a cursor to the next one."""

    def link(number: int, cursor: Mapping[str, str]) -> str:
        return f"{url}?{urlencode({**query, 'page': number, 'page_size': page.request.size, **cursor})}"

    number = page.request.number
    ended = {"cursor": sign(Cursor(number + 1, page.end))} if sign and page.end else {}
    return {
        "count": page.total,
        **({} if page.is_total_exact else {"count_is_exact": False}),
        "next": link(number + 1, ended) if page.has_next else None,
        "previous": link(number - 1, {}) if page.has_previous else None,
        "results": [show(item) for item in page.items],
    }
