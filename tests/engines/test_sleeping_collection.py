"""A collection of OpenSearch Serverless that has gone to sleep answers its first requests only after many seconds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.engine_profile_server import EngineRoom
from support.gate import Gate, gate_before
from support.server import wait_until
from support.serverless_guard import serverless_guard
from support.sites import Site, site_on

pytestmark = pytest.mark.engines

ANSWER_LIMIT_S = 6.0
SLEEP_S = 20.0


@pytest.fixture
def collection(room: EngineRoom) -> Iterator[Gate]:
    """The way to a collection."""
    with serverless_guard(room.opensearch.url) as guard, gate_before(guard) as gate:
        yield gate


@pytest.fixture
def site(room: EngineRoom, collection: Gate, tmp_path: Path) -> Iterator[Site]:
    """A server whose index is the collection."""
    with site_on(room, tmp_path / "site", opensearch_url=collection.url, opensearch_target="serverless") as running:
        yield running


def test_a_sleeping_collection_is_not_waited_for(site: Site, collection: Gate) -> None:
    """GIVEN a collection that sleeps for 20 s WHEN asked THEN the truth answers, and later nothing is missing."""
    (known,) = site.tell("I live in Lisbon with Marta.")
    site.await_projections()

    collection.hold(SLEEP_S)
    added = site.add("Plays chess in Porto")
    asked = [site.search("Where does Marta live?"), site.search("Who plays chess?")]

    assert max(one.seconds for one in (added, *asked)) < ANSWER_LIMIT_S
    assert [(one.ids[0], one.degraded) for one in asked] == [(known, ["index"]), (*added.ids, ["index"])]
    assert not collection.passes.is_set()
    wait_until(lambda: not site.search("Who plays chess?").degraded, timeout_s=SLEEP_S + 10)
    site.await_projections()
