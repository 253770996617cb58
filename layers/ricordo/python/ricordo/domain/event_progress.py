"""How an event comes on: a part done, the end, a failed try."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ricordo.domain.event import Event, EventResult, EventStatus
from ricordo.domain.fact import Fact
from ricordo.domain.ids import memory_id_for


def with_part_done(
    event: Event, facts: Sequence[Fact], refused: Mapping[int, str], notes: Mapping[str, Any], *, is_last: bool
) -> Event:
    """Return the event with the facts of a part counted among its results; `refused` says why some are not, by ordinal.

    After the last part it has succeeded; before, it waits for the next one as if it had never been tried.
    """
    results = [
        EventResult(memory_id_for(event.event_id, ordinal), fact.text)
        for ordinal, fact in enumerate(facts, start=event.facts_done)
        if ordinal not in refused
    ]
    reasons = Counter(refused.values())
    return replace(
        event,
        status=EventStatus.SUCCEEDED if is_last else EventStatus.PENDING,
        results=(*event.results, *results),
        notes=_added(event.notes, {**notes, **({"refused": dict(sorted(reasons.items()))} if reasons else {})}),
        error=None,
        attempts=event.attempts if is_last else 0,
        parts_done=event.parts_done + 1,
        facts_done=event.facts_done + len(facts),
    )


def with_removals(event: Event, removed: int, *, is_last: bool) -> Event:
    """Return a deletion with the memories it removed counted; unless it is at its end it goes on."""
    return replace(
        event,
        status=EventStatus.SUCCEEDED if is_last else EventStatus.PENDING,
        notes={**event.notes, "removed": int(str(event.notes.get("removed", 0))) + removed},
        error=None,
        attempts=event.attempts if is_last else 0,
        parts_done=event.parts_done + 1,
    )


def _added(notes: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Add counts up, also those within counts."""
    total = dict(notes)
    for name, value in more.items():
        if isinstance(value, dict):
            total[name] = _added(total.get(name, {}), value)
        else:
            total[name] = total.get(name, 0) + value
    return total


def ended(event: Event, *, now: datetime) -> Event:
    """Return the event with the times of a change; the end has one of its own."""
    return replace(event, updated_at=now, completed_at=now if event.status.is_final else None)
