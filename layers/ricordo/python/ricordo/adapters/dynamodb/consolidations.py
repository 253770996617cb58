import json
from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import dump
from ricordo.adapters.dynamodb.expressions import Change, Put
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
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
from ricordo.domain.json_fields import time_or_none
from ricordo.domain.moments import from_micros, to_micros

_KEPT = timedelta(days=90)
_RUN = {"kind": "consolidation_run", "format": 1}


class DynamoDBConsolidations:
    """`ports.consolidations.Consolidations` over the one table; its rows go 90 days after their last change.

    A scope whose row has gone counts as never consolidated.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def begin(self, run_id: str, *, at: datetime) -> ConsolidationRun:
        started = {"run_id": run_id, "started_us": to_micros(at), "ttl": _ttl(at)}
        self._table.write(Change(keys.run(run_id), set=_RUN, once=started))
        return self.get(run_id)

    def claim(
        self, project_id: ProjectId, scope: ChangedScope, *, holder: str, now: datetime, until: datetime
    ) -> ScopeClaim | None:
        done, held = Attr("done_us"), Attr("until_us")
        is_news = done.not_exists() | done.lt(to_micros(scope.changed_at))
        is_free = held.not_exists() | held.lte(to_micros(now)) | Attr("holder").eq(holder)
        taken = {
            "kind": "consolidated_scope",
            "format": 1,
            "holder": holder,
            "until_us": to_micros(until),
            "ttl": _ttl(now),
        }
        key = keys.consolidated_scope(project_id, scope.owner)
        try:
            row = self._table.write(Change(key, is_news & is_free, set=taken, add={"epoch": 1})) or {}
        except ConditionNotMetError as error:
            standing = error.rows[0] or {}
            if standing.get("done_us", -1) >= to_micros(scope.changed_at):
                return None
            raise ConflictError("Another run is at this scope.") from error
        return ScopeClaim(project_id, scope.owner, row["epoch"], scope.changed_at, time_or_none(row.get("done_us")))

    def complete(self, claim: ScopeClaim) -> None:
        key = keys.consolidated_scope(claim.project_id, claim.owner)
        done = {"done_us": to_micros(claim.changed_at), "until_us": 0}
        try:
            self._table.write(Change(key, Attr("epoch").eq(claim.epoch), set=done))
        except ConditionNotMetError as error:
            raise LeaseLostError("The scope was taken over.") from error

    def report(self, run_id: str, report: ProjectReport, *, through: datetime | None) -> None:
        run = self._table.get(keys.run(run_id)) or {}
        row = {
            **keys.run_report(run_id, report.project_id)._asdict(),
            "kind": "consolidation_report",
            "format": 1,
            "report": dump(report_fields(report)),
            "ttl": run.get("ttl"),
        }
        self._table.write(Put(row))
        if through is not None:
            self._advance(report.project_id, through)

    def _advance(self, project_id: ProjectId, through: datetime) -> None:
        reached = Attr("through_us")
        is_later = reached.not_exists() | reached.lt(to_micros(through))
        row = {"kind": "consolidated", "format": 1, "through_us": to_micros(through)}
        try:
            self._table.write(Change(keys.consolidated(project_id), is_later, set=row))
        except ConditionNotMetError:
            return  # a later run was faster

    def consolidated_through(self, project_id: ProjectId) -> datetime | None:
        row = self._table.get(keys.consolidated(project_id)) or {}
        return time_or_none(row.get("through_us"))

    def finish(self, run_id: str, *, at: datetime, error: str | None = None) -> None:
        self._table.write(Change(keys.run(run_id), set={"ended_us": to_micros(at), "error": error}))

    def get(self, run_id: str) -> ConsolidationRun:
        key = keys.run(run_id)
        rows = {row["sk"]: row for row in self._table.query_all(key.pk)}
        run = rows.pop(key.sk, None)
        if run is None:
            raise NotFoundError("No such run.")
        projects = sorted((report_from(json.loads(row["report"])) for row in rows.values()), key=_project_of)
        started_at, ended_at = from_micros(run["started_us"]), time_or_none(run.get("ended_us"))
        return ConsolidationRun(run_id, started_at, ended_at, run.get("error"), tuple(projects))


def _project_of(report: ProjectReport) -> str:
    return report.project_id


def _ttl(at: datetime) -> int:
    return to_micros(at + _KEPT) // 1_000_000
