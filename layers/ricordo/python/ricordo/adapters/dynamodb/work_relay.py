from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from boto3.dynamodb.conditions import Attr

from ricordo.adapters.dynamodb import event_rows as rows
from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.due_events import due_events
from ricordo.adapters.dynamodb.expressions import Change
from ricordo.adapters.dynamodb.large_bodies import LargeBodies
from ricordo.adapters.dynamodb.leases import lost
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.domain.errors import ConflictError, EventNotFoundError
from ricordo.domain.event import Event, EventStatus, Lease
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.moments import from_micros, to_micros
from ricordo.ports.event_store import ClaimedWork

_HAS_FAILED = Attr("status").eq(EventStatus.FAILED.value)


class DynamoDBWorkRelay:
    """`ports.work_relay.WorkRelay` over the one table."""

    def __init__(self, table: Table, bodies: LargeBodies) -> None:
        self._table = table
        self._bodies = bodies

    def resume(self, lease: Lease) -> ClaimedWork:
        key = keys.event(lease.project_id, lease.event_id)
        found = self._table.get_many([key, keys.episode_beside(key)])
        row, episode = found.get(key), found.get(keys.episode_beside(key))
        if row is None or row["epoch"] != lease.epoch or row["status"] != EventStatus.RUNNING.value:
            raise lost(lease)
        event = rows.whole_event(row, episode, self._bodies)
        held = Lease(event.project_id, event.event_id, lease.epoch, from_micros(row["due_us"]))
        return ClaimedWork(event, held, rows.episode_from(episode, event) if episode else None)

    def due(self, *, now: datetime, limit: int) -> Sequence[Event]:
        listed = list(islice(due_events(self._table, now, at_once=limit), limit))
        found = self._table.get_many(listed)
        return [
            rows.event_from(found[key], None, ())
            for key in listed
            if key in found and found[key].get("due_us") is not None and found[key]["due_us"] <= to_micros(now)
        ]

    def redrive(self, project_id: ProjectId, event_id: EventId, *, now: datetime) -> Event:
        key = keys.event(project_id, event_id)
        again = {
            "status": EventStatus.PENDING.value,
            "error": None,
            "attempts": 0,
            "completed_us": None,
            "updated_us": to_micros(now),
            **rows.due_at(now),
            "gsi2pk": keys.due(keys.shard_of(event_id, keys.DUE_SHARDS)),
        }
        try:
            row = self._table.write(Change(key, _HAS_FAILED, set=again)) or {}
        except ConditionNotMetError as error:
            standing = error.rows.get(0)
            if standing is None:
                raise EventNotFoundError("Event not found or you don't have permission to access it.") from error
            raise ConflictError(
                f"Event {event_id} is {standing['status']}: only one that has FAILED can be redriven."
            ) from error
        return rows.whole_event(row, self._table.get(keys.episode_beside(key)), self._bodies)
