"""Events and episodes as rows, and back."""

import json
import sqlite3

from ricordo.adapters.sqlite.rows import dump, scope_columns, scope_from
from ricordo.domain.episode import Episode, Message
from ricordo.domain.event import Event, EventStatus, EventType
from ricordo.domain.ids import EpisodeId, EventId, ProjectId
from ricordo.domain.json_fields import (
    message_fields,
    message_from,
    micros_or_none,
    result_fields,
    result_from,
    time_or_none,
)
from ricordo.domain.moments import from_micros, to_micros

Row = sqlite3.Row
SELECT = (
    "SELECT e.*, x.messages, x.options, x.said_us, x.episode_id FROM events e"
    " LEFT JOIN episodes x USING (project_id, event_id)"
)


OUTCOME = (
    "status",
    "request",
    "results",
    "notes",
    "error",
    "attempts",
    "parts_done",
    "facts_done",
    "updated_us",
    "completed_us",
)  # what the work on an event changes


def columns_of(event: Event) -> dict[str, object]:
    """Return the columns of an event but the lease's; its messages lie with the episode."""
    return {
        "project_id": event.project_id,
        "event_id": event.event_id,
        "type": event.type.value,
        "status": event.status.value,
        **scope_columns(event.scope),
        "request": dump(event.request),
        "results": dump([result_fields(result) for result in event.results]),
        "notes": dump(event.notes),
        "error": event.error,
        "attempts": event.attempts,
        "parts_done": event.parts_done,
        "facts_done": event.facts_done,
        "created_us": to_micros(event.created_at),
        "updated_us": to_micros(event.updated_at),
        "started_us": micros_or_none(event.started_at),
        "completed_us": micros_or_none(event.completed_at),
    }


def event_from(row: Row) -> Event:
    """Read an event and, from its episode, the messages."""
    return Event(
        event_id=EventId(row["event_id"]),
        project_id=ProjectId(row["project_id"]),
        type=EventType(row["type"]),
        scope=scope_from(row),
        created_at=from_micros(row["created_us"]),
        updated_at=from_micros(row["updated_us"]),
        status=EventStatus(row["status"]),
        request=json.loads(row["request"]),
        messages=_messages(row["messages"]),
        results=tuple(result_from(result) for result in json.loads(row["results"])),
        notes=json.loads(row["notes"]),
        started_at=time_or_none(row["started_us"]),
        completed_at=time_or_none(row["completed_us"]),
        error=row["error"],
        attempts=row["attempts"],
        parts_done=row["parts_done"],
        facts_done=row["facts_done"],
    )


def episode_row(episode: Episode) -> tuple[object, ...]:
    """Return the columns of an episode in their order."""
    return (
        episode.project_id,
        episode.event_id,
        episode.episode_id,
        dump([message_fields(message) for message in episode.messages]),
        dump(episode.options),
        to_micros(episode.said_at),
    )


def _messages(text: str | None) -> tuple[Message, ...]:
    if text is None:
        return ()
    return tuple(message_from(fields) for fields in json.loads(text))


def episode_from(row: Row, event: Event) -> Episode | None:
    """Read the episode that was joined to an event's row."""
    if row["episode_id"] is None:
        return None
    return Episode(
        episode_id=EpisodeId(row["episode_id"]),
        event_id=event.event_id,
        project_id=event.project_id,
        scope=event.scope,
        messages=event.messages,
        said_at=from_micros(row["said_us"]),
        accepted_at=event.created_at,
        options=json.loads(row["options"]),
    )
