"""Events, episodes and facts as rows, and back. Rows of events stay for good; what was said goes with its memories."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row, dump
from ricordo.adapters.dynamodb.large_bodies import BODY, Body, LargeBodies
from ricordo.domain.episode import Episode, Message
from ricordo.domain.errors import RequestTooLargeError
from ricordo.domain.event import Event, EventStatus, EventType
from ricordo.domain.fact import Fact
from ricordo.domain.ids import EpisodeId, EventId, ProjectId
from ricordo.domain.json_fields import (
    fact_fields,
    fact_from,
    message_fields,
    message_from,
    micros_or_none,
    result_fields,
    result_from,
    time_or_none,
)
from ricordo.domain.moments import from_micros, to_micros
from ricordo.domain.scope import OwnerType, Scope

FORMAT = 1
OBJECTS_LEFT = "objects_left"  # of an event: names of objects in S3 that no row needs any more
MAX_REQUEST_BYTES = 128 * 1024  # beside the largest body, a row has room for it


def event_row(event: Event, results: Body | None, *, cuts_seen: int) -> dict[str, Any]:
    """Write a newly accepted event; its messages lie with the episode.

    Raises:
        RequestTooLargeError: what it asks for, apart from messages, is more than a row takes.
    """
    changing = outcome(event, results)
    if len(changing["request"].encode()) > MAX_REQUEST_BYTES:
        raise RequestTooLargeError(f"The options of a request may have {MAX_REQUEST_BYTES // 1024} KB: send less.")
    return {
        **keys.event(event.project_id, event.event_id)._asdict(),
        "kind": "event",
        "format": FORMAT,
        "gsi1pk": keys.events_listed(event.project_id, event.type),
        "gsi1sk": keys.listed(event.created_at, event.event_id),
        "gsi2pk": keys.due(keys.shard_of(event.event_id, keys.DUE_SHARDS)),
        "project_id": event.project_id,
        "event_id": event.event_id,
        "type": event.type.value,
        **{owner.type.field: owner.id for owner in event.scope.owners()},
        "epoch": 0,
        "cuts_seen": cuts_seen,
        "created_us": to_micros(event.created_at),
        "started_us": micros_or_none(event.started_at),
        **changing,
    }


def outcome(event: Event, results: Body | None) -> dict[str, Any]:
    """Write what the work on an event changes."""
    return {
        "status": event.status.value,
        "request": dump(event.request),
        "notes": dump(event.notes),
        "error": event.error,
        "attempts": event.attempts,
        "parts_done": event.parts_done,
        "facts_done": event.facts_done,
        "updated_us": to_micros(event.updated_at),
        "completed_us": micros_or_none(event.completed_at),
        BODY: results,
    }


def due_at(moment: datetime) -> dict[str, Any]:
    """Write when the next worker may take an event."""
    return {"due_us": to_micros(moment), "gsi2sk": keys.at(moment)}


NEVER_DUE: Mapping[str, None] = {"due_us": None, "gsi2pk": None, "gsi2sk": None}


def results_text(event: Event) -> str | None:
    """Spell what an event wrote; None for nothing."""
    return dump([result_fields(result) for result in event.results]) if event.results else None


def event_from(row: Row, results: str | None, messages: tuple[Message, ...]) -> Event:
    """Read an event."""
    return Event(
        event_id=EventId(row["event_id"]),
        project_id=ProjectId(row["project_id"]),
        type=EventType(row["type"]),
        scope=Scope(**{owner_type.field: row.get(owner_type.field) for owner_type in OwnerType}),
        created_at=from_micros(row["created_us"]),
        updated_at=from_micros(row["updated_us"]),
        status=EventStatus(row["status"]),
        request=json.loads(row["request"]),
        messages=messages,
        results=tuple(result_from(fields) for fields in json.loads(results)) if results else (),
        notes=json.loads(row["notes"]),
        started_at=time_or_none(row.get("started_us")),
        completed_at=time_or_none(row.get("completed_us")),
        error=row.get("error"),
        attempts=row["attempts"],
        parts_done=row.get("parts_done", 0),
        facts_done=row.get("facts_done", 0),
    )


def objects_of(found: Iterable[Row]) -> frozenset[str]:
    """Name the objects in S3 that hold bodies of these rows."""
    bodies = [row.get(BODY) for row in found]
    return frozenset(body for body in bodies if isinstance(body, str))


def whole_event(row: Row, episode: Row | None, bodies: LargeBodies) -> Event:
    """Read an event with its results and, from its episode, the messages.

    Raises:
        UnavailableError: one of them is large, and S3 cannot be reached.
    """
    results = bodies.read(row[BODY]) if BODY in row else None
    messages = messages_from(bodies.read(episode[BODY])) if episode else ()
    return event_from(row, results, messages)


def episode_row(episode: Episode, messages: Body) -> dict[str, Any]:
    """Write an episode."""
    return {
        **keys.episode(episode.project_id, episode.event_id)._asdict(),
        "kind": "episode",
        "format": FORMAT,
        "episode_id": episode.episode_id,
        "options": dump(episode.options),
        "said_us": to_micros(episode.said_at),
        BODY: messages,
    }


def messages_text(episode: Episode) -> str:
    """Spell what was said."""
    return dump([message_fields(message) for message in episode.messages])


def messages_from(text: str) -> tuple[Message, ...]:
    """Read what was said."""
    return tuple(message_from(fields) for fields in json.loads(text))


def episode_from(row: Row, event: Event) -> Episode:
    """Read the episode of an event that has its messages."""
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


def facts_row(project_id: ProjectId, event_id: EventId, facts: Body) -> dict[str, Any]:
    """Write what was extracted."""
    return {**keys.facts(project_id, event_id)._asdict(), "kind": "facts", "format": FORMAT, BODY: facts}


def facts_text(facts: Sequence[Fact], notes: Mapping[str, object]) -> str:
    """Spell what was extracted."""
    return dump({"facts": [fact_fields(fact) for fact in facts], "notes": notes})


def facts_from(text: str) -> tuple[list[Fact], dict[str, object]]:
    """Read what was extracted."""
    kept = json.loads(text)
    return [fact_from(fields) for fields in kept["facts"]], kept["notes"]
