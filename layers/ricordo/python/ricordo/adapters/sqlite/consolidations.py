import json
from datetime import datetime

from ricordo.adapters.sqlite.database import Connection, Database
from ricordo.adapters.sqlite.rows import dump
from ricordo.domain.consolidation import (
    ChangedScope,
    ConsolidationRun,
    ProjectReport,
    ScopeClaim,
    report_fields,
    report_from,
)
from ricordo.domain.errors import ConflictError, LeaseLostError, NotFoundError
from ricordo.domain.ids import ProjectId
from ricordo.domain.json_fields import micros_or_none, time_or_none
from ricordo.domain.moments import from_micros, to_micros


class SqliteConsolidations:
    """`ports.consolidations.Consolidations` over one file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, run_id: str, *, at: datetime) -> ConsolidationRun:
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO consolidation_runs (run_id, started_us) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (run_id, to_micros(at)),
            )
        return self.get(run_id)

    def claim(
        self, project_id: ProjectId, scope: ChangedScope, *, holder: str, now: datetime, until: datetime
    ) -> ScopeClaim | None:
        with self._database.writing() as connection:
            row = connection.execute(
                "INSERT INTO consolidated_scopes VALUES (:project, :type, :owner, 1, :holder, :until, NULL)"
                " ON CONFLICT DO UPDATE SET epoch = epoch + 1, holder = :holder, until_us = :until"
                " WHERE coalesce(done_us < :changed, 1) AND (until_us <= :now OR holder = :holder)"
                " RETURNING epoch, done_us",
                {
                    "project": project_id,
                    "type": scope.owner.type.value,
                    "owner": scope.owner.id,
                    "holder": holder,
                    "until": to_micros(until),
                    "now": to_micros(now),
                    "changed": to_micros(scope.changed_at),
                },
            ).fetchone()
            if row is None:
                _require_done(connection, project_id, scope)
                return None
        return ScopeClaim(project_id, scope.owner, row["epoch"], scope.changed_at, time_or_none(row["done_us"]))

    def complete(self, claim: ScopeClaim) -> None:
        with self._database.writing() as connection:
            done = connection.execute(
                "UPDATE consolidated_scopes SET done_us = ?, until_us = 0"
                " WHERE project_id = ? AND type = ? AND owner_id = ? AND epoch = ?",
                (
                    to_micros(claim.changed_at),
                    claim.project_id,
                    claim.owner.type.value,
                    claim.owner.id,
                    claim.epoch,
                ),
            ).rowcount
        if not done:
            raise LeaseLostError("The scope was taken over.")

    def report(self, run_id: str, report: ProjectReport, *, through: datetime | None) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO consolidation_reports VALUES (?, ?, ?, ?)",
                (run_id, report.project_id, dump(report_fields(report)), micros_or_none(through)),
            )

    def consolidated_through(self, project_id: ProjectId) -> datetime | None:
        with self._database.reading() as connection:
            (through,) = connection.execute(
                "SELECT max(through_us) FROM consolidation_reports WHERE project_id = ?", (project_id,)
            ).fetchone()
        return time_or_none(through)

    def finish(self, run_id: str, *, at: datetime, error: str | None = None) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE consolidation_runs SET ended_us = ?, error = ? WHERE run_id = ?", (to_micros(at), error, run_id)
            )

    def get(self, run_id: str) -> ConsolidationRun:
        with self._database.reading() as connection:
            run = connection.execute("SELECT * FROM consolidation_runs WHERE run_id = ?", (run_id,)).fetchone()
            reports = connection.execute(
                "SELECT report FROM consolidation_reports WHERE run_id = ? ORDER BY project_id", (run_id,)
            ).fetchall()
        if run is None:
            raise NotFoundError("No such run.")
        projects = tuple(report_from(json.loads(row["report"])) for row in reports)
        started_at = from_micros(run["started_us"])
        return ConsolidationRun(run_id, started_at, time_or_none(run["ended_us"]), run["error"], projects)


def _require_done(connection: Connection, project_id: ProjectId, scope: ChangedScope) -> None:
    (done,) = connection.execute(
        "SELECT coalesce(done_us >= ?, 0) FROM consolidated_scopes WHERE project_id = ? AND type = ? AND owner_id = ?",
        (to_micros(scope.changed_at), project_id, scope.owner.type.value, scope.owner.id),
    ).fetchone()
    if not done:
        raise ConflictError("Another run is at this scope.")
