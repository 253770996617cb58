"""Who starts the background work on the AWS profile: state machines where the stage names them, else a worker."""

from typing import Any

from ricordo.adapters.dynamodb.ingestion import DynamoDBIngestion
from ricordo.adapters.dynamodb.table import Table
from ricordo.adapters.stepfunctions.ingestion import StepFunctionsIngestion
from ricordo.domain.errors import InvalidRequestError, UnavailableError
from ricordo.domain.event import Event, EventType
from ricordo.ports.ingestion import Ingestion
from ricordo.runtime.observability import logger
from ricordo.runtime.settings import Settings


class SweptIngestion:
    """Starts work by another ingestion; what cannot be started now is left to the sweep, for it is accepted."""

    def __init__(self, ingestion: Ingestion) -> None:
        self._ingestion = ingestion

    def start(self, event: Event) -> None:
        """Start the work, or leave it."""
        try:
            self._ingestion.start(event)
        except UnavailableError as error:
            logger.warning("start put off", extra={"event_id": event.event_id, "code": error.code})


def ingestion_of(settings: Settings, *, table: Table, client: Any) -> Ingestion:
    """Make the ingestion of a stage.

    Raises:
        InvalidRequestError: only one of the two machines is named.
    """
    if bool(settings.ingest_machine) != bool(settings.forget_machine):
        raise InvalidRequestError("RICORDO_INGEST_MACHINE and RICORDO_FORGET_MACHINE go together: set both or none.")
    if not settings.ingest_machine:
        return DynamoDBIngestion(table)
    machines = {
        EventType.ADD: settings.ingest_machine,
        EventType.DELETE_ALL: settings.forget_machine,
        EventType.DELETE_USER: settings.forget_machine,
    }
    return SweptIngestion(StepFunctionsIngestion(client, machines))
