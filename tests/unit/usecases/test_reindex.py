"""Memories stored while the model was down are given their vectors when it is back."""

import pytest
from support.builders import PROJECT
from support.house import House

from ricordo.domain.errors import EmbedderUnavailableError
from ricordo.usecases.reindex import FILLED_AT_ONCE, Truth, fill_some_vectors


def fill(house: House) -> int:
    """Fill once."""
    truth = Truth(house.stores.memories, house.stores.feed, house.embedder)
    return fill_some_vectors(PROJECT, truth=truth, index=house.stores.index)


def test_missing_vectors_are_filled_a_few_at_a_time(house: House) -> None:
    """GIVEN memories of an outage WHEN filled again and again THEN each has its vector and its version, once."""
    house.add("I drink tea.", event_id="before", infer=False)
    house.embedder.is_up = False
    house.add(*(f"I drink coffee {number}." for number in range(FILLED_AT_ONCE + 2)), event_id="outage", infer=False)
    house.work()
    with pytest.raises(EmbedderUnavailableError):
        fill(house)

    house.embedder.is_up = True
    assert [fill(house) for _ in range(3)] == [FILLED_AT_ONCE, 2, 0]
    assert {(memory.embedding is not None, memory.version) for memory in house.memories()} == {(True, 1)}
