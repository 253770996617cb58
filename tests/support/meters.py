"""A meter that counts in memory."""

from datetime import date

from ricordo.domain.ids import ProjectId
from ricordo.domain.usage import ModelUsage


class CountingMeter:
    """`ports.usage_meter.UsageMeter` that keeps every record, and fails with `error` if a test sets one."""

    def __init__(self) -> None:
        self.records: list[tuple[ProjectId, ModelUsage]] = []
        self.error: Exception | None = None

    def record(self, project_id: ProjectId, usage: ModelUsage) -> None:
        if self.error:
            raise self.error
        self.records.append((project_id, usage))

    def totals(self, project_id: ProjectId, since: date) -> list[ModelUsage]:
        return [usage for owner, usage in self.records if owner == project_id and usage.day >= since]
