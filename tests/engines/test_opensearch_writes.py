"""What the index makes of writes that come late, in another order, at once, or cannot be taken."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from support.builders import MODEL, OTHER_PROJECT, PROJECT, a_memory, embedded, ids_of
from support.clocks import START
from support.index_bench import OpenSearchBench
from support.index_queries import by_vector, by_words

from ricordo.domain.errors import ProjectionError
from ricordo.domain.filters import All
from ricordo.domain.memory import Embedding, Memory, MemoryPatch, revise

pytestmark = pytest.mark.engines


def later(memory: Memory, text: str) -> Memory:
    """Return the next version of a memory."""
    return revise(memory, MemoryPatch(text=text), now=START)


def test_an_upsert_that_comes_after_its_removal_is_ignored(domain: OpenSearchBench) -> None:
    """Neither the version that was removed nor an earlier one comes back, also where the index never saw it."""
    (memory,) = domain.store(a_memory("tea"))
    unseen = a_memory("tea too")
    domain.index.remove(PROJECT, {memory.memory_id: 2, unseen.memory_id: 1})

    domain.index.upsert([memory, unseen, later(memory, "tea at four")])
    domain.settle()

    assert by_words(domain, "tea") == []


def test_an_older_version_never_overwrites(bench: OpenSearchBench) -> None:
    """What is written late leaves what is newer, be it an upsert or a removal."""
    (memory,) = bench.store(a_memory("tea"))
    newer = later(memory, "coffee")
    bench.change(newer)

    bench.change(memory)
    bench.index.remove(PROJECT, {memory.memory_id: 1})
    bench.settle()

    assert by_words(bench, "coffee") == [memory.memory_id]
    assert by_words(bench, "tea") == []


def test_a_vector_that_comes_later_is_taken(bench: OpenSearchBench) -> None:
    """The same version written again, with the vector it lacked, is the one that shows."""
    (memory,) = bench.store(a_memory("tea"))
    assert by_vector(bench) == []

    bench.change(replace(memory, embedding=embedded(0)))

    assert by_vector(bench) == by_words(bench, "tea") == [memory.memory_id]


def test_a_stale_page_of_a_build_does_not_bring_back_what_is_gone(domain: OpenSearchBench) -> None:
    """A memory read before its removal and written to the new index after it stays away."""
    (memory,) = domain.store(a_memory("tea"))
    build = domain.builder.begin()
    domain.index.remove(PROJECT, {memory.memory_id: 2})

    domain.builder.write(build, [memory])
    domain.builder.finish(build)

    assert by_words(domain, "tea") == []


def test_the_newest_version_wins_among_threads(domain: OpenSearchBench) -> None:
    """Eight threads that write the versions of ten memories in any order leave the last of each."""
    versions = [[a_memory("v1")] for _ in range(10)]
    for one in versions:
        for number in range(2, 21):
            one.append(later(one[-1], f"v{number}"))
    writes = [memory for one in versions for memory in one] * 4
    random.Random(3).shuffle(writes)  # noqa: S311  no secret
    batches = [writes[start : start + 10] for start in range(0, len(writes), 10)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(domain.index.upsert, batches))
    domain.settle()

    newest = {one[-1].memory_id for one in versions}
    assert set(by_words(domain, "v20", limit=20)) == newest
    assert by_words(domain, *(f"v{number}" for number in range(1, 20))) == []


def test_a_memory_that_cannot_be_taken_is_named_and_the_others_are_in(bench: OpenSearchBench) -> None:
    """A vector of another length is refused; what was written beside it is found."""
    fine, odd = a_memory("tea", embedding=embedded(0)), a_memory("tea secret")
    odd = replace(odd, embedding=Embedding(MODEL, np.ones(3, np.float32)))

    with pytest.raises(ProjectionError) as refused:
        bench.index.upsert([odd, fine])
    bench.settle()

    assert refused.value.memory_ids == {odd.memory_id}
    assert "secret" not in str(refused.value)
    assert by_words(bench, "tea") == [fine.memory_id]


def test_more_than_one_request_takes_is_written(bench: OpenSearchBench) -> None:
    """Any number of memories is written and removed, of several projects at once."""
    memories = [a_memory(f"tea {n}", project_id=(PROJECT, OTHER_PROJECT)[n % 2]) for n in range(1200)]
    bench.index.upsert(memories)
    bench.settle()
    mine = memories[::2]
    assert set(by_words(bench, "tea", limit=2000)) == set(ids_of(mine))

    bench.index.remove(PROJECT, {memory.memory_id: 1 for memory in mine})
    bench.settle()

    assert by_words(bench, "tea", limit=2000) == []


def test_repeated_documents_are_one_memory(serverless: OpenSearchBench) -> None:
    """Where writes come so close that the second does not see the first, searches name the memory once."""
    (other,) = serverless.store(a_memory("tea", embedding=embedded(1)))
    memory = a_memory("tea", embedding=embedded(0))
    for _ in range(3):
        serverless.index.upsert([memory])
    serverless.settle()
    assert by_vector(serverless, limit=2) == [memory.memory_id, other.memory_id]
    assert sorted(by_words(serverless, "tea", where=All())) == sorted([memory.memory_id, other.memory_id])

    serverless.change(later(memory, "coffee"))

    assert by_words(serverless, "tea") == [other.memory_id]
    assert by_words(serverless, "coffee") == [memory.memory_id]
