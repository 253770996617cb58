"""The account in this process, from a request to what search finds."""

import pytest
from support.whole_cloud import WholeCloud

ADD = {"messages": [{"role": "user", "content": "I live in Lisbon."}], "user_id": "ana"}


def test_request_becomes_what_search_finds(cloud: WholeCloud) -> None:
    """GIVEN an accepted add WHEN all is drained THEN its execution has succeeded and index and graph know it."""
    status, told = cloud.request("POST", "/v3/memories/add/", ADD)
    assert status == 200
    (execution,) = cloud.drain()
    assert (execution.status, execution.input["event_id"]) == ("SUCCEEDED", told["event_id"])
    _status, event = cloud.request("GET", f"/v1/event/{told['event_id']}/")
    assert event["status"] == "SUCCEEDED"
    assert len(cloud.house.texts()) == 1
    assert cloud.house.projection_faults() == []
    assert len(cloud.house.search("Lisbon").results) == 1


def test_event_on_the_bus_is_an_add(cloud: WholeCloud) -> None:
    """GIVEN an event of a client WHEN all is drained THEN it is remembered."""
    cloud.send(ADD)
    assert [execution.status for execution in cloud.drain()] == ["SUCCEEDED"]
    assert len(cloud.house.texts()) == 1


@pytest.mark.parametrize("step", ["ingest-begin", "ingest-commit", "ingest-finish"])
def test_execution_that_dies_is_swept_up(cloud: WholeCloud, step: str) -> None:
    """GIVEN an execution that ends between two states WHEN its lease is over THEN the sweep starts another."""
    with cloud.dying_before(step) as died:
        cloud.request("POST", "/v3/memories/add/", ADD)
        (execution,) = cloud.settle()
    assert [execution] == died
    assert execution.status == "ABORTED"
    cloud.house.clock.advance(3600)
    cloud.tick("sweep")
    cloud.drain()
    assert [one.status for one in cloud.executions("ingest")] == ["ABORTED", "SUCCEEDED"]
    assert len(cloud.house.texts()) == 1
    assert cloud.house.projection_faults() == []
