"""Events, episodes and facts as rows, and back."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from ricordo.adapters.sqlite.rows import (
    dump,
    micros_or_none,
    relation_fields,
    relation_from,
    scope_columns,
    scope_from,
    time_or_none,
)
from ricordo.domain.episode import Episode, Message, Role
from ricordo.domain.event import Event, EventResult, EventStatus, EventType
from ricordo.domain.fact import Fact
from ricordo.domain.graph import Entity, EntityType
from ricordo.domain.ids import EpisodeId, EventId, MemoryId, ProjectId
from ricordo.domain.memory import ChangeType
from ricordo.domain.moments import from_micros, to_micros

Row = sqlite3.Row
SELECT = (
    "SELECT e.*, x.messages, x.options, x.said_us, x.episode_id FROM events e"
    " LEFT JOIN episodes x USING (project_id, event_id)"
)


def columns_of(event: Event) -> dict[str, object]:
    """Return the columns of an event but the lease's; its messages lie with the episode."""
    return {
        "project_id": event.project_id,
        "event_id": event.event_id,
        "type": event.type.value,
        "status": event.status.value,
        **scope_columns(event.scope),
        "request": dump(event.request),
        "results": dump([_result_fields(result) for result in event.results]),
        "notes": dump(event.notes),
        "error": event.error,
        "attempts": event.attempts,
        "created_us": to_micros(event.created_at),
        "updated_us": to_micros(event.updated_at),
        "started_us": micros_or_none(event.started_at),
        "completed_us": micros_or_none(event.completed_at),
    }


def _result_fields(result: EventResult) -> dict[str, str]:
    return {"id": result.memory_id, "text": result.text, "change": result.change.value}


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
        results=tuple(
            EventResult(MemoryId(result["id"]), result["text"], ChangeType(result["change"]))
            for result in json.loads(row["results"])
        ),
        notes=json.loads(row["notes"]),
        started_at=time_or_none(row["started_us"]),
        completed_at=time_or_none(row["completed_us"]),
        error=row["error"],
        attempts=row["attempts"],
    )


def episode_row(episode: Episode) -> tuple[object, ...]:
    """Return the columns of an episode in their order."""
    messages = [
        {"role": message.role.value, "content": message.content, "name": message.name} for message in episode.messages
    ]
    return (
        episode.project_id,
        episode.event_id,
        episode.episode_id,
        dump(messages),
        dump(episode.options),
        to_micros(episode.said_at),
    )


def _messages(text: str | None) -> tuple[Message, ...]:
    if text is None:
        return ()
    return tuple(Message(Role(m["role"]), m["content"], m["name"]) for m in json.loads(text))


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


def fact_fields(fact: Fact) -> dict[str, object]:
    """Write a fact as JSON fields."""
    return {
        "text": fact.text,
        "attributed_to": fact.attributed_to.value,
        "message_index": fact.message_index,
        "speaker": fact.speaker,
        "entities": [{"name": entity.name, "type": entity.type.value} for entity in fact.entities],
        "relations": [relation_fields(relation) for relation in fact.relations],
        "valid_from_us": micros_or_none(fact.valid_from),
        "valid_to_us": micros_or_none(fact.valid_to),
    }


def fact_from(fields: Mapping[str, Any]) -> Fact:
    """Read a fact from its JSON fields."""
    return Fact(
        text=fields["text"],
        attributed_to=Role(fields["attributed_to"]),
        message_index=fields["message_index"],
        speaker=fields["speaker"],
        entities=tuple(Entity(entity["name"], EntityType(entity["type"])) for entity in fields["entities"]),
        relations=tuple(relation_from(relation) for relation in fields["relations"]),
        valid_from=time_or_none(fields["valid_from_us"]),
        valid_to=time_or_none(fields["valid_to_us"]),
    )
