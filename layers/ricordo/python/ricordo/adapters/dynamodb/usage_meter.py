from datetime import date

from boto3.dynamodb.conditions import Key as SortKey

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.expressions import Change
from ricordo.adapters.dynamodb.table import Table
from ricordo.domain.ids import ProjectId
from ricordo.domain.usage import ModelUsage, UsageKind


class DynamoDBUsageMeter:
    """`ports.usage_meter.UsageMeter` over the one table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def record(self, project_id: ProjectId, usage: ModelUsage) -> None:
        self._table.write(
            Change(
                keys.usage(project_id, usage.day, usage.kind, usage.model_id),
                set={
                    "kind": "usage",
                    "format": 1,
                    "day": usage.day.isoformat(),
                    "purpose": usage.kind.value,
                    "model_id": usage.model_id,
                },
                add={
                    "requests": usage.requests,
                    "input_tokens": usage.input_tokens,
                    "output_tokens": usage.output_tokens,
                },
            )
        )

    def totals(self, project_id: ProjectId, since: date) -> list[ModelUsage]:
        recorded = self._table.query_all(keys.usage_partition(project_id), where=SortKey("sk").gte(since.isoformat()))
        totals = [_usage(row) for row in recorded]
        return sorted(totals, key=lambda total: (total.day, total.kind, total.model_id))


def _usage(row: Row) -> ModelUsage:
    return ModelUsage(
        model_id=row["model_id"],
        kind=UsageKind(row["purpose"]),
        requests=row["requests"],
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        day=date.fromisoformat(row["day"]),
    )
