import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ricordo.adapters.sqlite import event_rows as rows
from ricordo.adapters.sqlite.database import Connection, Database
from ricordo.adapters.sqlite.leases import require_lease
from ricordo.adapters.sqlite.rows import dump
from ricordo.domain.episode import Episode
from ricordo.domain.errors import EventNotFoundError, LeaseLostError
from ricordo.domain.event import Event, EventQuery, Lease
from ricordo.domain.fact import Fact
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.json_fields import fact_fields, fact_from, micros_or_none
from ricordo.domain.moments import to_micros
from ricordo.domain.paging import Page, PageRequest
from ricordo.ports.event_store import ClaimedWork

GRACE = timedelta(seconds=10)


class SqliteEventStore:
    """`ports.event_store.EventStore` over one file. `due_us` is when the next worker may take an event."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept(self, event: Event, episode: Episode | None) -> bool:
        columns = rows.columns_of(event) | {"epoch": 0, "due_us": to_micros(event.created_at + GRACE)}
        names = ", ".join(columns)
        with self._database.writing() as connection:
            accepted = connection.execute(
                f"INSERT INTO events ({names}) VALUES ({', '.join(':' + name for name in columns)})"
                " ON CONFLICT (project_id, event_id) DO NOTHING",
                columns,
            ).rowcount
            if accepted and episode is not None:
                connection.execute("INSERT INTO episodes VALUES (?, ?, ?, ?, ?, ?)", rows.episode_row(episode))
        return bool(accepted)

    def get(self, project_id: ProjectId, event_id: EventId) -> Event:
        with self._database.reading() as connection:
            row = connection.execute(
                f"{rows.SELECT} WHERE e.project_id = ? AND e.event_id = ?", (project_id, event_id)
            ).fetchone()
        if row is None:
            raise EventNotFoundError("Event not found or you don't have permission to access it.")
        return rows.event_from(row)

    def list(self, project_id: ProjectId, query: EventQuery, page: PageRequest) -> Page[Event]:
        where = (
            "WHERE e.project_id = :project AND (:type IS NULL OR e.type = :type)"
            " AND (:since IS NULL OR e.created_us >= :since) AND (:before IS NULL OR e.created_us < :before)"
        )
        values = {
            "project": project_id,
            "type": query.type.value if query.type else None,
            "since": micros_or_none(query.since),
            "before": micros_or_none(query.before),
            "size": page.size,
            "offset": page.offset,
        }
        with self._database.reading() as connection:
            (total,) = connection.execute(f"SELECT count(*) FROM events e {where}", values).fetchone()
            found = connection.execute(
                f"{rows.SELECT} {where} ORDER BY e.place DESC LIMIT :size OFFSET :offset", values
            )
            return Page([rows.event_from(row) for row in found], total, page)

    def claim(
        self, *, now: datetime, lease_s: float, named: tuple[ProjectId, EventId] | None = None
    ) -> ClaimedWork | None:
        until = now + timedelta(seconds=lease_s)
        with self._database.writing() as connection:
            row = self._claimable(connection, now, named)
            if row is None:
                return None
            connection.execute(
                "UPDATE events SET status = 'RUNNING', epoch = epoch + 1, attempts = attempts + 1,"
                " due_us = :until, updated_us = :now, started_us = coalesce(started_us, :now)"
                " WHERE place = :place",
                {"until": to_micros(until), "now": to_micros(now), "place": row["place"]},
            )
            claimed = connection.execute(f"{rows.SELECT} WHERE e.place = ?", (row["place"],)).fetchone()
        event = rows.event_from(claimed)
        lease = Lease(event.project_id, event.event_id, claimed["epoch"], until)
        return ClaimedWork(event, lease, rows.episode_from(claimed, event))

    @staticmethod
    def _claimable(connection: Connection, now: datetime, named: tuple[ProjectId, EventId] | None) -> rows.Row | None:
        """Find the named event if nobody works on it, or the first one that is due."""
        condition = "due_us <= :now"
        values: dict[str, object] = {"now": to_micros(now)}
        if named is not None:
            condition = "project_id = :project AND event_id = :event AND (status = 'PENDING' OR due_us <= :now)"
            values |= dict(zip(("project", "event"), named, strict=True))
        row: rows.Row | None = connection.execute(
            f"SELECT place FROM events WHERE status IN ('PENDING', 'RUNNING') AND {condition}"
            " ORDER BY due_us, place LIMIT 1",
            values,
        ).fetchone()
        return row

    def renew(self, lease: Lease, *, until: datetime) -> Lease:
        with self._database.writing() as connection:
            require_lease(connection, lease)
            connection.execute(
                "UPDATE events SET due_us = ? WHERE project_id = ? AND event_id = ?",
                (to_micros(until), lease.project_id, lease.event_id),
            )
        return replace(lease, until=until)

    def keep_facts(self, lease: Lease, facts: Sequence[Fact], notes: dict[str, object]) -> None:
        kept = dump({"facts": [fact_fields(fact) for fact in facts], "notes": notes})
        with self._database.writing() as connection:
            place = require_lease(connection, lease)
            connection.execute("UPDATE events SET facts = coalesce(facts, ?) WHERE place = ?", (kept, place))

    def kept_facts(self, lease: Lease) -> tuple[Sequence[Fact], dict[str, object]] | None:
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT facts FROM events WHERE project_id = ? AND event_id = ?",
                (lease.project_id, lease.event_id),
            ).fetchone()
        if row is None or row["facts"] is None:
            return None
        kept = json.loads(row["facts"])
        return [fact_from(fields) for fields in kept["facts"]], kept["notes"]

    def finish(self, lease: Lease, event: Event) -> None:
        columns = rows.columns_of(event) | {
            "due_us": to_micros(lease.until),
            "epoch": lease.epoch,
            "goes_on": event.goes_on,
        }
        assignments = ", ".join(f"{name} = :{name}" for name in (*rows.OUTCOME, "due_us"))
        assignments += ", facts = CASE WHEN :goes_on THEN NULL ELSE facts END"
        with self._database.writing() as connection:
            done = connection.execute(
                f"UPDATE events SET {assignments} WHERE project_id = :project_id AND event_id = :event_id"
                " AND epoch = :epoch AND status = 'RUNNING'",
                columns,
            ).rowcount
        if not done:
            raise LeaseLostError(f"The lease {lease.epoch} on event {lease.event_id} was taken over.")
