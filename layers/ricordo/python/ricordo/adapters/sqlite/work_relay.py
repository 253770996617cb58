from collections.abc import Sequence
from datetime import datetime

from ricordo.adapters.sqlite import event_rows as rows
from ricordo.adapters.sqlite.database import Database
from ricordo.domain.errors import ConflictError, EventNotFoundError, LeaseLostError
from ricordo.domain.event import Event, EventStatus, Lease
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.moments import from_micros, to_micros
from ricordo.ports.event_store import ClaimedWork

_NAMED = "WHERE e.project_id = ? AND e.event_id = ?"


class SqliteWorkRelay:
    """`ports.work_relay.WorkRelay` over one file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def resume(self, lease: Lease) -> ClaimedWork:
        with self._database.reading() as connection:
            row = connection.execute(f"{rows.SELECT} {_NAMED}", (lease.project_id, lease.event_id)).fetchone()
        if row is None or row["epoch"] != lease.epoch or row["status"] != EventStatus.RUNNING.value:
            raise LeaseLostError(f"The lease {lease.epoch} on event {lease.event_id} was taken over.")
        event = rows.event_from(row)
        until = from_micros(row["due_us"])
        held = Lease(event.project_id, event.event_id, lease.epoch, until)
        return ClaimedWork(event, held, rows.episode_from(row, event))

    def due(self, *, now: datetime, limit: int) -> Sequence[Event]:
        with self._database.reading() as connection:
            found = connection.execute(
                f"{rows.SELECT} WHERE e.status IN ('PENDING', 'RUNNING') AND e.due_us <= ?"
                " ORDER BY e.due_us, e.place LIMIT ?",
                (to_micros(now), limit),
            )
            return [rows.event_from(row) for row in found]

    def redrive(self, project_id: ProjectId, event_id: EventId, *, now: datetime) -> Event:
        with self._database.writing() as connection:
            done = connection.execute(
                "UPDATE events SET status = 'PENDING', error = NULL, attempts = 0, completed_us = NULL,"
                " updated_us = :now, due_us = :now"
                " WHERE project_id = :project AND event_id = :event AND status = 'FAILED'",
                {"now": to_micros(now), "project": project_id, "event": event_id},
            ).rowcount
            row = connection.execute(f"{rows.SELECT} {_NAMED}", (project_id, event_id)).fetchone()
        if row is None:
            raise EventNotFoundError("Event not found or you don't have permission to access it.")
        if not done:
            raise ConflictError(f"Event {event_id} is {row['status']}: only one that has FAILED can be redriven.")
        return rows.event_from(row)
