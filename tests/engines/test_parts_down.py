"""Index and graph are gone at once, or the store hangs: what a client sees meanwhile, and what is there afterwards."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from http import HTTPStatus

import pytest
from support.engine_profile_server import EngineRoom
from support.server import wait_until
from support.sites import Site, site_on

from ricordo.domain.analysis import query_terms
from ricordo.domain.filters import OwnedBy
from ricordo.domain.scope import OwnerType
from ricordo.ports.search_index import IndexQuery

pytestmark = pytest.mark.engines

ACCEPTED_S = 5.0
ANSWER_LIMIT_S = 6.0
CATCH_UP_S = 60.0


@pytest.fixture(scope="module")
def site(room: EngineRoom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose index, graph and store a test may take away."""
    with site_on(room, tmp_path_factory.mktemp("site")) as running:
        yield running


def is_nominated(site: Site, words: str, user_id: str) -> bool:
    """Ask the index itself, and say whether it finds the memory of these words both by them and by its vector."""
    (sought,) = (memory.memory_id for memory in site.projections.memories() if words in memory.text)
    searching = site.projections.services.searching
    where = OwnedBy(OwnerType.USER, frozenset([user_id]))
    model_id = searching.embedder.model_id
    by_words = IndexQuery(site.projections.project_id, where, None, model_id, query_terms(words), limit=10)
    by_vector = replace(by_words, vector=searching.embedder.embed([words])[0], terms=())
    return all(sought in searching.index.nominate(query) for query in (by_words, by_vector))


def test_index_and_graph_are_gone_at_once(site: Site, room: EngineRoom, capsys: pytest.CaptureFixture[str]) -> None:
    """GIVEN both killed WHEN adding and asking THEN the newest memories answer; back, both catch up."""
    known = site.add("Likes tea", user_id="ana").ids
    site.await_projections()

    room.opensearch.kill()
    room.graph.kill()
    verbatim = site.add("Plays chess in Porto", user_id="ana")
    inferred = site.add("My brother Paulo moved to Coimbra.", user_id="ana", infer=True)
    told = site.tell("I live in Lisbon with Marta.", user_id="ana")
    asked = [site.search("Who plays chess?", user_id="ana") for _ in range(5)]
    listed = site.send("POST", "/v3/memories/", filters={"user_id": "ana"})
    got = site.send("GET", f"/v1/memories/{known[0]}/")

    accepted_s = max(verbatim.seconds, inferred.seconds)
    answered_s = max(one.seconds for one in asked)
    assert accepted_s < ACCEPTED_S
    assert answered_s < ANSWER_LIMIT_S
    assert [(one.status, one.degraded, one.ids[0]) for one in asked] == [
        (HTTPStatus.OK, ["graph", "index"], verbatim.ids[0])
    ] * len(asked)
    assert set(listed.ids) >= {*known, *verbatim.ids, *told}
    assert got.body["memory"] == "Likes tea"

    room.opensearch.restart()
    room.graph.restart()
    back = time.monotonic()
    for words in ("Plays chess in Porto", "brother Paulo moved to Coimbra"):
        wait_until(partial(is_nominated, site, words, "ana"), timeout_s=CATCH_UP_S)
    wait_until(lambda: site.projections.mentioning("paulo"), timeout_s=CATCH_UP_S)
    caught_up_s = time.monotonic() - back
    site.await_projections()
    assert site.search("Who plays chess?", user_id="ana").degraded == []
    with capsys.disabled():
        print(  # noqa: T201  figures to look at, not to assert
            f"\nadds accepted in {accepted_s:.2f} s, searches in {[round(one.seconds, 2) for one in asked]} s, "
            f"caught up after {caught_up_s:.1f} s"
        )


def test_a_store_that_hangs_is_told_as_one_that_is_down(
    site: Site, room: EngineRoom, capsys: pytest.CaptureFixture[str]
) -> None:
    """GIVEN a store that takes requests and never answers WHEN asked THEN it is a 503 before the gateway gives up."""
    known = site.add("Plays the flute", user_id="eva").ids
    os.kill(room.dynamodb.pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor() as threads:
            asked = [
                threads.submit(site.search, "Who plays?", user_id="eva"),
                threads.submit(site.send, "GET", f"/v1/memories/{known[0]}/"),
                threads.submit(site.add, "Plays the piano", user_id="eva"),
            ]
            refused = [one.result() for one in asked]
    finally:
        os.kill(room.dynamodb.pid, signal.SIGCONT)

    for answer in refused:
        assert (answer.status, answer.body["code"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable")
        assert "detail" in answer.body
    assert set(site.search("Who plays?", user_id="eva").ids) == set(known)
    with capsys.disabled():
        print(f"\nrefused after {[round(answer.seconds, 1) for answer in refused]} s")  # noqa: T201  a figure
