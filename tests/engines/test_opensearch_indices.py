"""How indexes of OpenSearch come about, what they hold, and how one takes the place of another."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from support.builders import a_memory, embedded
from support.index_bench import OpenSearchBench
from support.index_queries import by_vector, by_words

from ricordo.domain.errors import ConflictError, StoreFormatError, UnavailableError

pytestmark = pytest.mark.engines


def behind(bench: OpenSearchBench) -> dict[str, list[str]]:
    """Return the indexes of a bench with their aliases."""
    return {name: sorted(body["aliases"]) for name, body in bench.node.indices.get(index=f"{bench.prefix}-*").items()}


def mapping(bench: OpenSearchBench) -> Any:
    """Return the mapping as the node has it."""
    (body,) = bench.node.indices.get_mapping(index=f"{bench.prefix}-*").values()
    return body


def test_an_index_is_there_once_however_many_ask_for_it(bench: OpenSearchBench) -> None:
    """Eight callers at once find or make the same one."""
    bench.node.indices.delete(index=f"{bench.prefix}-*")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: bench.indices.ensure(), range(8)))

    names = bench.indices.names
    assert behind(bench) == {names.generation(1): [names.serving]}


def test_an_index_of_another_dimension_is_told(bench: OpenSearchBench) -> None:
    """A start with a model of another length says what to do, and changes nothing."""
    before = behind(bench)
    with pytest.raises(StoreFormatError, match="ricordo reindex"):
        replace(bench, dimensions=16).indices.ensure()
    assert behind(bench) == before


def test_an_index_of_another_mapping_is_told(bench: OpenSearchBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program whose mapping is a newer one refuses the old index until it is built anew, which it can be."""
    (memory,) = bench.store(a_memory("tea"))
    monkeypatch.setattr("ricordo.adapters.opensearch.mapping.MAPPING_VERSION", 2)
    with pytest.raises(StoreFormatError):
        bench.indices.ensure()

    build = bench.builder.begin()
    bench.builder.write(build, [memory])
    bench.builder.finish(build)

    bench.indices.ensure()
    assert by_words(bench, "tea") == [memory.memory_id]


def test_two_models_have_an_index_each(bench: OpenSearchBench) -> None:
    """The index of the next model is built, with vectors of another length, while that of the old one serves."""
    (memory,) = bench.store(a_memory("tea", embedding=embedded(0)))
    following = replace(bench, model_id="model-2", dimensions=8)

    build = following.builder.begin()
    following.builder.write(build, [replace(memory, embedding=embedded(1, "model-2"))])
    with pytest.raises(UnavailableError):
        by_words(following, "tea")
    following.builder.finish(build)

    assert by_vector(bench) == by_vector(following, model_id="model-2") == [memory.memory_id]
    assert by_words(following, "tea") == [memory.memory_id]


def test_metadata_of_users_never_becomes_fields(bench: OpenSearchBench) -> None:
    """Any keys and values leave the mapping as it is."""
    before = mapping(bench)
    odd = {"a.b": 1, "_id": "x", "vector": [1], "project": "proj-b", "deep": {"er": {"est": [1, {"x": None}]}}}

    bench.store(a_memory("tea", metadata=odd | {f"key {n}": n for n in range(200)}))

    assert mapping(bench) == before


def test_hits_give_back_neither_texts_nor_vectors(bench: OpenSearchBench) -> None:
    """What an index returns, to whoever reads all of it, holds ids and versions."""
    bench.store(a_memory("Ana keeps a secret", embedding=embedded(0), metadata={"k": "hidden"}, categories=("secret",)))

    answer = bench.node.search(index=f"{bench.prefix}-*", body={"query": {"match_all": {}}})

    (hit,) = answer["hits"]["hits"]
    assert set(hit["_source"]) == {"project", "memory_id", "version"}
    assert "secret" not in json.dumps(answer)


def test_a_build_leaves_one_index(bench: OpenSearchBench) -> None:
    """After builds that ended, were given up or cut short there is one index, under one alias."""
    builder, names = bench.builder, bench.indices.names
    builder.finish(builder.begin())
    builder.abandon(builder.begin())
    builder.begin()
    builder.finish(builder.begin())

    (aliases,) = behind(bench).values()
    assert aliases == [names.serving]


def test_a_build_that_was_taken_over_cannot_end(bench: OpenSearchBench) -> None:
    """The earlier build is refused, and the later one serves."""
    (memory,) = bench.store(a_memory("tea"))
    earlier, later = bench.builder.begin(), bench.builder.begin()
    bench.builder.write(later, [memory])

    with pytest.raises(ConflictError):
        bench.builder.finish(earlier)
    bench.builder.finish(later)

    with pytest.raises(ConflictError):
        bench.builder.write(earlier, [memory])
    assert by_words(bench, "tea") == [memory.memory_id]


def test_searches_go_on_while_indexes_change_over(bench: OpenSearchBench) -> None:
    """Whoever searches all the while always gets the answer."""
    (memory,) = bench.store(a_memory("tea"))
    answers: list[list[str]] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            answers.append([*by_words(bench, "tea")])

    with ThreadPoolExecutor(2) as pool:
        searching = [pool.submit(search) for _ in range(2)]
        try:
            for _ in range(5):
                build = bench.builder.begin()
                bench.builder.write(build, [memory])
                bench.builder.finish(build)
        finally:
            done.set()
        for one in searching:
            one.result()

    assert answers
    assert all(answer == [memory.memory_id] for answer in answers)
