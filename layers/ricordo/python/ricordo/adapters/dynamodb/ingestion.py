from boto3.dynamodb.conditions import Attr

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.event_rows import due_at
from ricordo.adapters.dynamodb.expressions import Change
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.domain.event import EventStatus
from ricordo.domain.ids import EventId, ProjectId
from ricordo.domain.moments import from_micros

_IS_PENDING = Attr("status").eq(EventStatus.PENDING.value)


class DynamoDBIngestion:
    """`ports.ingestion.Ingestion` for workers that take what is due from the table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def start(self, project_id: ProjectId, event_id: EventId) -> None:
        key = keys.event(project_id, event_id)
        row = self._table.get(key)
        if row is None:
            return
        try:
            self._table.write(Change(key, _IS_PENDING, set=due_at(from_micros(row["created_us"]))))
        except ConditionNotMetError:
            return  # somebody works on it, or it has ended
