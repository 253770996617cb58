"""Whatever a start of an execution can fail with means something to us."""

import botocore.session
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber
from support.builders import an_event

from ricordo.adapters.stepfunctions.errors import FAULTS_OF_OURS
from ricordo.adapters.stepfunctions.ingestion import StepFunctionsIngestion
from ricordo.domain.errors import UnavailableError
from ricordo.domain.event import EventType

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:ingest"
PASSING = ("ExecutionLimitExceeded", "KmsThrottlingException", "StateMachineDeleting", "ThrottlingException")


def client() -> object:
    """Make a client that asks nobody."""
    session = botocore.session.get_session()
    session.set_credentials("testing", "testing")
    return session.create_client("stepfunctions", region_name="eu-west-1")


def codes() -> list[str]:
    """Return what the service says StartExecution can answer."""
    model = client().meta.service_model.operation_model("StartExecution")  # type: ignore[attr-defined]  # of botocore
    return [shape.metadata.get("error", {}).get("code", shape.name) for shape in model.error_shapes]


@pytest.mark.parametrize("code", sorted({*codes(), *PASSING}))
def test_an_answer_is_a_fault_of_ours_or_passes(code: str) -> None:
    """A start that is refused for what it says is a fault of the program; any other may be made later."""
    states = client()
    with Stubber(states) as answers:
        answers.add_client_error("start_execution", code)
        with pytest.raises(ClientError if code in FAULTS_OF_OURS else UnavailableError):
            StepFunctionsIngestion(states, {EventType.ADD: MACHINE}).start(an_event())


@pytest.mark.parametrize(
    "fault", [EndpointConnectionError(endpoint_url="https://states"), ReadTimeoutError(endpoint_url="https://states")]
)
def test_a_service_out_of_reach_may_be_back(fault: Exception) -> None:
    """Without an answer the start may be made later."""

    class Unreachable:
        def start_execution(self, **_request: str) -> None:
            raise fault

    with pytest.raises(UnavailableError):
        StepFunctionsIngestion(Unreachable(), {EventType.ADD: MACHINE}).start(an_event())
