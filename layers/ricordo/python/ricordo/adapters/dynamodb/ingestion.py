from boto3.dynamodb.conditions import Attr

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.event_rows import due_at
from ricordo.adapters.dynamodb.expressions import Change
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.domain.event import Event, EventStatus

_IS_PENDING = Attr("status").eq(EventStatus.PENDING.value)


class DynamoDBIngestion:
    """`ports.ingestion.Ingestion` for workers that take what is due from the table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def start(self, event: Event) -> None:
        key = keys.event(event.project_id, event.event_id)
        try:
            self._table.write(Change(key, _IS_PENDING, set=due_at(event.created_at)))
        except ConditionNotMetError:
            return  # somebody works on it, it has ended, or there is none
