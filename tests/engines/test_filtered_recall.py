"""Nearest neighbours within a tenant, against exact search, in an index that others fill.

Lucene builds its graphs here as on a domain. Of faiss this proves nothing: without its native library the local node
searches those vectors exactly, so that graphs of OpenSearch Serverless stay untested.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from support.builders import MODEL, a_memory
from support.clocks import START
from support.index_bench import OpenSearchBench, opensearch_bench
from support.index_queries import ACTIVE, query

from engines import Engine
from ricordo.adapters.opensearch.target import DOMAIN
from ricordo.domain.filters import All, UnexpiredAt
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Embedding, Memory

pytestmark = pytest.mark.engines

DIMENSIONS = 384
VECTORS = 50_000
TENANTS = {ProjectId(f"tenant of {size}"): size for size in (10, 100, 1_000, 5_000)}
QUESTIONS = 150
NEAREST = 10
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Filled:
    """The index, with the vectors of its tenants."""

    bench: OpenSearchBench
    vectors: dict[ProjectId, Vectors]

    def recall(self, project_id: ProjectId) -> float:
        """Return the share of the ten nearest that the index finds, over questions near the tenant's memories."""
        mine = self.vectors[project_id]
        draw = np.random.default_rng(len(mine))
        asked = unit(mine[draw.integers(len(mine), size=QUESTIONS)] + draw.normal(0, 0.04, (QUESTIONS, DIMENSIONS)))
        shares = []
        for vector in asked:
            nearest = set(np.argsort(-(mine @ vector))[:NEAREST].tolist())
            where = All((ACTIVE, UnexpiredAt(START)))
            found = self.bench.index.nominate(query(where, project_id=project_id, vector=vector, limit=NEAREST))
            shares.append(len(nearest & {int(one) for one in found}) / len(nearest))
        return float(np.mean(shares))


def unit(vectors: NDArray[np.float64]) -> Vectors:
    """Bring rows to length one."""
    normalised: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return normalised


def clustered() -> dict[ProjectId, Vectors]:
    """Draw vectors around three hundred topics; every tenant speaks of a few of them, as people do."""
    draw = np.random.default_rng(11)
    topics = draw.normal(0, 1, (300, DIMENSIONS)) / np.sqrt(DIMENSIONS)
    sizes = dict(TENANTS)
    left = VECTORS - sum(sizes.values())
    sizes |= {ProjectId(f"other {number}"): left // 30 for number in range(30)}
    drawn = {}
    for project_id, size in sizes.items():
        chosen = topics[draw.choice(len(topics), 12)][draw.integers(12, size=size)]
        drawn[project_id] = unit(chosen + draw.normal(0, 0.6, (size, DIMENSIONS)) / np.sqrt(DIMENSIONS))
    return drawn


def memories(vectors: dict[ProjectId, Vectors]) -> list[Memory]:
    """Make a memory of each vector, named by its row, in an order that mixes tenants."""
    made = [
        a_memory("", project_id=project_id, memory_id=MemoryId(str(row)), embedding=Embedding(MODEL, vector))
        for project_id, rows in vectors.items()
        for row, vector in enumerate(rows)
    ]
    order = np.random.default_rng(5).permutation(len(made))
    return [made[place] for place in order]


@pytest.fixture(scope="module")
def filled(search_node: Engine) -> Iterator[Filled]:
    """Fifty thousand vectors on one shard, in the segments that writing leaves."""
    vectors = clustered()
    with opensearch_bench(search_node.url, DOMAIN, dimensions=DIMENSIONS, shards=1) as bench:
        made = memories(vectors)
        bench.node.indices.put_settings(index=f"{bench.prefix}-*", body={"index": {"refresh_interval": "-1"}})
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(bench.index.upsert, [made[start : start + 500] for start in range(0, len(made), 500)]))
        bench.settle()
        yield Filled(bench, vectors)


def test_a_tenant_finds_its_nearest(filled: Filled) -> None:
    """At every size at least 99 of 100 of the exact ten nearest are found, before segments are merged and after."""
    written = {project_id: filled.recall(project_id) for project_id in TENANTS}
    filled.bench.node.indices.forcemerge(
        index=f"{filled.bench.prefix}-*", params={"max_num_segments": 1, "request_timeout": 300}
    )
    filled.bench.settle()
    merged = {project_id: filled.recall(project_id) for project_id in TENANTS}

    assert min(*written.values(), *merged.values()) >= 0.99
