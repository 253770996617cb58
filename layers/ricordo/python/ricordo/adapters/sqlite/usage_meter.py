import sqlite3
from datetime import date

from ricordo.adapters.sqlite.database import Database
from ricordo.domain.ids import ProjectId
from ricordo.domain.usage import ModelUsage, UsageKind


class SqliteUsageMeter:
    """`ports.usage_meter.UsageMeter` over one file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, project_id: ProjectId, usage: ModelUsage) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO model_usage VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (project_id, day, kind, model_id) DO UPDATE SET"
                " requests = requests + excluded.requests,"
                " input_tokens = input_tokens + excluded.input_tokens,"
                " output_tokens = output_tokens + excluded.output_tokens",
                (
                    project_id,
                    usage.day.isoformat(),
                    usage.kind.value,
                    usage.model_id,
                    usage.requests,
                    usage.input_tokens,
                    usage.output_tokens,
                ),
            )

    def totals(self, project_id: ProjectId, since: date) -> list[ModelUsage]:
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM model_usage WHERE project_id = ? AND day >= ? ORDER BY day, kind, model_id",
                (project_id, since.isoformat()),
            )
            return [_usage(row) for row in rows]


def _usage(row: sqlite3.Row) -> ModelUsage:
    return ModelUsage(
        model_id=row["model_id"],
        kind=UsageKind(row["kind"]),
        requests=row["requests"],
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        day=date.fromisoformat(row["day"]),
    )
