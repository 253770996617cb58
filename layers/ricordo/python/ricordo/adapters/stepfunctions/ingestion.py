import json
from collections.abc import Mapping
from typing import Any

from ricordo.adapters.stepfunctions.errors import translated
from ricordo.domain.event import Event, EventType


class StepFunctionsIngestion:
    """`ports.ingestion.Ingestion` by executions of a state machine for each type of event.

    Executions have no names: a workflow of the EXPRESS kind does not tell equal ones apart, and one of the STANDARD
    kind would refuse the second start of an event that was handed back. The lease on the event lets one in.
    https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
    """

    def __init__(self, client: Any, machines: Mapping[EventType, str]) -> None:
        self._client = client
        self._machines = machines

    def start(self, event: Event) -> None:
        named = {"project_id": event.project_id, "event_id": event.event_id}
        with translated():
            self._client.start_execution(stateMachineArn=self._machines[event.type], input=json.dumps(named))
