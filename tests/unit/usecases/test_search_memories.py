"""Searching: what is found, what is not shown, and what happens when a part is down."""

from typing import Any

import pytest
from support.builders import OTHER_PROJECT, PROJECT, owned_by
from support.faults import FailingStore
from support.house import House

from ricordo.domain.errors import StoreBusyError
from ricordo.domain.filters import Expression
from ricordo.domain.memory import bury
from ricordo.domain.paging import PageRequest
from ricordo.usecases.list_memories import ListRequest, list_memories
from ricordo.usecases.search_memories import (
    SearchAnswer,
    Searching,
    SearchRequest,
    entity_keys_in,
    search_memories,
)

TEXTS = ("I grow tomatoes on my balcony.", "My sister lives in Porto.", "I play the cello.")
DOWN = StoreBusyError("busy")
DAY_S = 86_400


@pytest.fixture(autouse=True)
def _told(house: House) -> None:
    """Three memories of Ana's, one of Bo's in another project."""
    house.add(*TEXTS, event_id="e1", infer=False)
    house.add("My brother lives in Porto.", event_id="e2", infer=False, project_id=OTHER_PROJECT)


def search(
    house: House,
    query: str,
    *,
    where: Expression | None = None,
    top_k: int = 10,
    threshold: float = 0.0,
    **options: Any,
) -> SearchAnswer:
    """Search Ana's memories."""
    stores = house.stores
    request = SearchRequest(
        query=query,
        where=where or owned_by(),
        top_k=top_k,
        threshold=threshold,
        asked_at=house.clock.now(),
        **options,
    )
    searching = Searching(house.embedder, stores.index, stores.graph, stores.memories, stores.owners, stores.feed)
    return search_memories(request, project_id=PROJECT, searching=searching)


def texts(answer: SearchAnswer) -> list[str]:
    """Return the texts found, best first."""
    return [scored.memory.text for scored in answer.results]


def test_the_best_answer_comes_first(house: House) -> None:
    """Results are ordered by score, each in [0, 1], and no part is reported down."""
    answer = search(house, "Where does my sister live?")

    assert texts(answer)[0] == "My sister lives in Porto."
    scores = [scored.score for scored in answer.results]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert answer.degraded == ()


def test_top_k_and_threshold_bound_the_answer(house: House) -> None:
    """At most `top_k` results, none below the threshold."""
    assert len(search(house, "tomatoes", top_k=1).results) == 1
    assert search(house, "tomatoes", threshold=1.1).results == []


def test_nothing_of_another_project_is_found(house: House) -> None:
    """The tenant is in every step."""
    assert "My brother lives in Porto." not in texts(search(house, "Who lives in Porto?"))


def test_what_ended_is_not_found(house: House) -> None:
    """Deleted, hidden and expired memories leave no search, expired ones only when asked for."""
    house.add("My code is 1234.", event_id="e3", infer=False, expiration_date="2026-03-09")
    sister = next(memory for memory in house.memories() if "sister" in memory.text)
    house.stores.memories.replace(bury(sister, now=house.clock.now()), expected_version=1)
    assert "My code is 1234." in texts(search(house, "What is my code?"))

    house.clock.advance(DAY_S)

    assert "My code is 1234." not in texts(search(house, "What is my code?"))
    assert "My code is 1234." in texts(search(house, "What is my code?", shows_expired=True))
    assert sister.text not in texts(search(house, "Where does my sister live?"))
    house.stores.memories.hide(PROJECT, owned_by())
    assert search(house, "tomatoes").results == []


def test_without_the_embedder_words_are_found(house: House) -> None:
    """The answer says that it is degraded."""
    house.embedder.is_up = False

    answer = search(house, "Who grows tomatoes?")

    assert texts(answer)[0] == "I grow tomatoes on my balcony."
    assert answer.degraded == ("embedder",)


def test_without_the_graph_all_else_is_found(house: House) -> None:
    """The graph alone never empties an answer."""
    answer = search(house.with_stores(graph=FailingStore(house.stores.graph, DOWN)), "tomatoes")

    assert texts(answer)[0] == "I grow tomatoes on my balcony."
    assert answer.degraded == ("graph",)


def test_without_the_index_the_newest_are_read_from_the_truth(house: House) -> None:
    """An empty answer is not a degraded answer."""
    answer = search(house.with_stores(index=FailingStore(house.stores.index, DOWN)), "tomatoes")

    assert texts(answer)[0] == "I grow tomatoes on my balcony."
    assert answer.degraded == ("index",)


def test_entity_keys_are_runs_of_words() -> None:
    """Every run of one to three words may be an entity's name."""
    assert entity_keys_in("New York, José!") == [
        "new", "york", "jose", "new york", "york jose", "new york jose",
    ]  # fmt: skip
    assert entity_keys_in("") == []


def test_a_list_hides_what_has_expired(house: House) -> None:
    """Lists show live memories, newest first; expired ones only when asked for."""
    house.clock.advance(1)
    house.add("My code is 1234.", event_id="e3", infer=False, expiration_date="2026-03-09")
    house.clock.advance(DAY_S)

    def listed(**options: Any) -> list[str]:
        request = ListRequest(owned_by(), PageRequest(), house.clock.now(), **options)
        page = list_memories(request, project_id=PROJECT, memories=house.stores.memories)
        return [memory.text for memory in page.items]

    assert listed() == list(TEXTS)[::-1]
    assert listed(shows_expired=True, latest_only=False) == ["My code is 1234.", *TEXTS[::-1]]


def test_vectors_of_another_model_are_not_compared(house: House) -> None:
    """What an older model embedded is found by its words, and its vector counts for nothing."""
    house.embedder.model_id = "newer"
    by_words = search(house, "Who grows tomatoes?").results
    house.embedder.is_up = False

    assert by_words[0].memory.text == "I grow tomatoes on my balcony."
    assert [one.breakdown for one in by_words] == [
        one.breakdown for one in search(house, "Who grows tomatoes?").results
    ]
