"""Parts go away under a running server, and come back: it answers from what is up, says so, and catches up."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from itertools import count

import pytest
from support.command_line import Installation
from support.engine_profile_server import EngineRoom
from support.gate import Gate, gate_before
from support.openai_server import DIMENSIONS, openai_server
from support.server import wait_until
from support.sites import Site, site_on

from engines import Engine

pytestmark = pytest.mark.engines

ANSWER_LIMIT_S = 6.0
_numbers = count(1)


@pytest.fixture(scope="module")
def model() -> Iterator[Gate]:
    """The way to the embedding model."""
    with openai_server() as server, gate_before(server.url) as gate:
        yield gate


@pytest.fixture(scope="module")
def site(room: EngineRoom, model: Gate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server, each part of which can be taken away."""
    settings = {
        "embedder": "openai",
        "embedder_model": "hashing",
        "embedder_dimensions": str(DIMENSIONS),
        "openai_url": model.url,
    }
    with site_on(room, tmp_path_factory.mktemp("site"), **settings) as running:
        yield running


@contextmanager
def frozen(engine: Engine) -> Iterator[None]:
    """Have an engine hang: it takes connections and never answers."""
    os.kill(engine.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(engine.pid, signal.SIGCONT)


@contextmanager
def gone(engine: Engine, *, how: Callable[[Engine], None]) -> Iterator[None]:
    """Have an engine gone, and back on the same port with the same data."""
    how(engine)
    try:
        yield
    finally:
        engine.restart()


@contextmanager
def held(gate: Gate) -> Iterator[None]:
    """Have a server behind a gate hang."""
    gate.passes.clear()
    try:
        yield
    finally:
        gate.passes.set()


@contextmanager
def closed(gate: Gate) -> Iterator[None]:
    """Have a server behind a gate gone."""
    gate.is_closed = True
    try:
        yield
    finally:
        gate.is_closed = False


OUTAGES: dict[str, tuple[Callable[[EngineRoom, Gate], AbstractContextManager[None]], list[str]]] = {
    "index killed": (lambda room, _: gone(room.opensearch, how=Engine.kill), ["index"]),
    "index hangs": (lambda room, _: frozen(room.opensearch), ["index"]),
    "graph stopped": (lambda room, _: gone(room.graph, how=Engine.stop), ["graph"]),
    "graph hangs": (lambda room, _: frozen(room.graph), ["graph"]),
    "model gone": (lambda _, model: closed(model), ["embedder"]),
    "model hangs": (lambda _, model: held(model), ["embedder"]),
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_a_part_goes_away_and_comes_back(site: Site, room: EngineRoom, model: Gate, outage: str) -> None:
    """GIVEN memories WHEN a part goes THEN writes and reads go on and name it, and later nothing is missing."""
    taken_away, named = OUTAGES[outage]
    user = f"user-{next(_numbers)}"
    (known,) = site.tell("I live in Lisbon with Marta.", user_id=user)
    changed, deleted = (site.add(text, user_id=user).ids[0] for text in ("Likes tea", "Owns a canoe"))
    site.await_projections()

    with taken_away(room, model):
        added = site.add("Plays chess in Porto", user_id=user)
        writes = [
            added,
            site.send("PUT", f"/v1/memories/{changed}/", text="Likes coffee"),
            site.send("DELETE", f"/v1/memories/{deleted}/"),
        ]
        listed = site.send("POST", "/v3/memories/", filters={"user_id": user})
        found = [
            site.search(query, user_id=user)
            for query in (f"Who plays chess, {user}?", f"Where does Marta live, {user}?")
        ]
        (told,) = site.tell("My brother Paulo moved to Coimbra.", user_id=user)

    (new,) = added.ids
    for answer in (*writes, listed, *found):
        assert answer.status == HTTPStatus.OK
        assert answer.seconds < ANSWER_LIMIT_S
    assert set(listed.ids) == {known, changed, new}
    assert [(answer.ids[0], answer.degraded) for answer in found] == [(new, named), (known, named)]

    wait_until(lambda: not site.search("chess", user_id=user).degraded)
    site.await_projections()
    assert set(site.search("Who moved to Coimbra?", user_id=user).ids) >= {told}


def test_everything_hangs_at_once(site: Site, room: EngineRoom, model: Gate) -> None:
    """GIVEN index, graph and model that hang WHEN asked THEN the truth alone answers in time, and all are named."""
    user = f"user-{next(_numbers)}"
    known = site.add("Plays chess in Porto", user_id=user).ids
    with frozen(room.opensearch), frozen(room.graph), held(model):
        new = site.add("Plays the piano", user_id=user)
        found = site.search(f"Who plays chess, {user}?", user_id=user)

    assert max(new.seconds, found.seconds) < ANSWER_LIMIT_S
    assert found.ids == [*known, *new.ids]
    assert found.degraded == ["embedder", "graph", "index"]
    wait_until(lambda: not site.search("chess", user_id=user).degraded)
    site.await_projections()


def test_a_graph_that_lost_everything_is_made_anew(site: Site, room: EngineRoom) -> None:
    """GIVEN a graph that was killed before it saved WHEN it is back THEN it catches up, and a reindex does the rest."""
    user = f"user-{next(_numbers)}"
    (lost,) = site.tell("I live in Lisbon with Marta.", user_id=user)
    site.await_projections()
    with gone(room.graph, how=Engine.kill):
        (new,) = site.tell("My brother Paulo moved to Coimbra.", user_id=user)
    wait_until(lambda: new in site.projections.mentioning("paulo"))
    assert lost not in site.projections.mentioning("marta")

    Installation(site.server.data_dir).ok("reindex", "--graph", **site.server.settings)
    site.await_projections()


def test_without_the_truth_there_is_no_answer(site: Site, room: EngineRoom) -> None:
    """GIVEN a store that was killed WHEN asked THEN it is a 503 in mem0's shape, and all is there when it is back."""
    user = f"user-{next(_numbers)}"
    known = site.add("Plays chess in Porto", user_id=user).ids
    with gone(room.dynamodb, how=Engine.kill):
        refused = [
            site.add("Plays the piano", user_id=user),
            site.search("Who plays chess?", user_id=user),
            site.send("GET", f"/v1/memories/{known[0]}/"),
        ]
    for answer in refused:
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert answer.seconds < ANSWER_LIMIT_S
        assert answer.body.keys() >= {"detail", "error", "code"}
        assert answer.body["code"] == "unavailable"

    new = wait_until(lambda: site.add("Plays the flute", user_id=user).ids)
    assert set(site.search("Who plays?", user_id=user).ids) == {*known, *new}
    site.await_projections()
