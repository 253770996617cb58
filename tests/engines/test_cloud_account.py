"""An account in a process of its own, whose workflows work on what was accepted elsewhere."""

import os
import time
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from support.builders import ANA, PROJECT, a_project
from support.engine_profile_server import EngineRoom, opened

from engines import cloud_account
from engines.__main__ import addresses, environment
from ricordo.domain.episode import Message, Role
from ricordo.domain.event import EventStatus
from ricordo.domain.filters import All
from ricordo.domain.ids import EventId
from ricordo.domain.paging import PageRequest
from ricordo.runtime.aws_clients import client
from ricordo.runtime.services import Services
from ricordo.usecases.accept_add import AddRequest
from ricordo.usecases.add_memories import add_memories

pytestmark = pytest.mark.engines

EVENT = EventId("through-the-machine")
PATIENCE_S = 60.0


@pytest.fixture
def services(room: EngineRoom) -> Iterator[Services]:
    """The AWS profile whose work is done by an account's workflows."""
    engines = (room.dynamodb, room.opensearch, room.graph)
    with room.furnished() as settings:
        told = addresses(*engines) | {"RICORDO_TABLE": settings["table"]}
        with (
            cloud_account(told) as account,
            patch.dict(os.environ, environment(*engines, account)),
            opened(settings) as wired,
        ):
            yield wired


def test_add_succeeds_through_the_state_machine(services: Services) -> None:
    """GIVEN an accepted add WHEN its workflow has ended THEN the event has succeeded and the memory is there."""
    services.projects.create(a_project(PROJECT))
    add_memories(
        AddRequest(ANA, (Message(Role.USER, "I live in Lisbon."),)),
        project_id=PROJECT,
        event_id=EVENT,
        events=services.events,
        owners=services.owners,
        ingestion=services.ingestion,
        workbench=services.workbench,
        clock=services.clock,
        synchronous_messages=0,
    )
    deadline = time.monotonic() + PATIENCE_S
    while not services.events.get(PROJECT, EVENT).status.is_final and time.monotonic() < deadline:
        time.sleep(0.05)
    assert services.events.get(PROJECT, EVENT).status is EventStatus.SUCCEEDED
    machine = services.settings.ingest_machine
    executions = client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert [execution["stateMachineArn"] for execution in executions] == [machine]
    assert len(services.memories.list(PROJECT, All(), PageRequest()).items) == 1
