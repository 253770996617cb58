"""Building the index anew under searches and writes, with the same embedder and with another one."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from opensearchpy import OpenSearch
from support.builders import PROJECT, a_memory
from support.command_line import Installation
from support.engine_profile import COMMAND_TIMEOUT_S, EngineProfile, answers
from support.engine_profile_server import opened
from support.openai_server import DIMENSIONS, openai_server

from ricordo.domain.episode import Message, Role
from ricordo.domain.filters import OwnedBy
from ricordo.domain.ids import MemoryId, event_id_for, memory_id_for
from ricordo.domain.memory import Embedding
from ricordo.domain.project import Project
from ricordo.domain.scope import OwnerType, Scope
from ricordo.ports.search_index import IndexQuery
from ricordo.runtime.services import Services
from ricordo.usecases.accept_add import AddRequest
from ricordo.usecases.import_statements import Statement, import_statements

pytestmark = pytest.mark.engines

MEMORIES = 1_000
AT_ONCE = 100
PAUSE_S = 0.05  # leaves the build its share of the machine
ANA = Scope(user_id="ana")


@pytest.fixture(scope="module")
def filled(profile: EngineProfile) -> EngineProfile:
    """The AWS profile with enough memories that a build takes a while; drawn vectors, for only the index matters."""
    services = profile.services
    now = services.clock.now()
    services.projects.create(Project(PROJECT, "org", "herons", now, now))
    services.owners.touch(PROJECT, ANA, at=now)
    embedder, draw = services.workbench.embedder, np.random.default_rng(5)
    vectors = draw.normal(size=(MEMORIES, embedder.dimensions)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    memories = [
        a_memory(f"Ana counted {number} herons.", embedding=Embedding(embedder.model_id, vector))
        for number, vector in enumerate(vectors)
    ]
    for start in range(0, MEMORIES, AT_ONCE):
        services.memories.insert(memories[start : start + AT_ONCE])
    profile.project()
    return profile


def add(profile: EngineProfile, text: str) -> MemoryId:
    """Store a statement of Ana's as a server of this profile does, and have it projected."""
    services = profile.services
    import_statements(
        [Statement(text, AddRequest(ANA, (Message(Role.USER, text),), options={"infer": False}))],
        project_id=PROJECT,
        archive=services.archive,
        memories=services.memories,
        owners=services.owners,
        embedder=services.workbench.embedder,
        clock=services.clock,
    )
    profile.carry()
    return memory_id_for(event_id_for(PROJECT, f"import:{text}"), 0)


def nearest(services: Services, text: str) -> MemoryId | None:
    """Ask the index alone, by vector alone: what is pending in the truth, or has no vector there, does not help."""
    embedder = services.workbench.embedder
    where = OwnedBy(OwnerType.USER, frozenset({"ana"}))
    found = services.searching.index.nominate(
        IndexQuery(PROJECT, where, embedder.embed([text])[0], embedder.model_id, (), 1)
    )
    return found[0] if found else None


def search_during(
    profile: EngineProfile, data_dir: Path, *arguments: str, when_building: Callable[[], None], **variables: str
) -> int:
    """Run `ricordo reindex` apart and search until it ends; each search must find. Return how many there were."""
    searches, has_begun = 0, False
    with Installation(data_dir).start("reindex", *arguments, **(profile.settings | variables)) as child:
        while child.poll() is None:
            assert answers(profile.services, PROJECT, "ana", f"How many herons did Ana count, {searches}?")
            searches += 1
            profile.services.clock.sleep(PAUSE_S)
            if not has_begun and is_building(profile):
                has_begun = True
                when_building()
                assert is_building(profile), "the build was over before it was written to"
        _, err = child.communicate(timeout=COMMAND_TIMEOUT_S)
    assert child.returncode == 0, err
    assert has_begun
    return searches


def is_building(profile: EngineProfile) -> bool:
    """Say whether an index is being built beside the one that serves."""
    with closing(OpenSearch(profile.services.settings.opensearch_url, timeout=30)) as node:
        return bool(node.indices.exists_alias(name="ricordo-*-next"))


def test_a_rebuild_is_not_noticed(filled: EngineProfile, tmp_path: Path) -> None:
    """Searches never fail nor come back empty, and what is added meanwhile is in the new index."""
    text = "Ana bought a sextant in Horta."
    added: list[MemoryId] = []
    searches = search_during(filled, tmp_path, when_building=lambda: added.append(add(filled, text)))
    assert searches > 10
    filled.project()
    assert nearest(filled.services, text) == added[0]
    assert len(answers(filled.services, PROJECT, "ana", "How many herons?")) == 10


def test_another_embedder_takes_over(filled: EngineProfile, tmp_path: Path) -> None:
    """While the old index serves all is embedded anew and nothing extracted; --missing fills what came meanwhile."""
    early, late = "Ana repaired the tide gauge.", "Ana painted the lighthouse door."
    with openai_server() as models:
        openai = {"openai_url": models.url, "extractor": "openai", "extractor_model": "any"}
        new = openai | {"embedder": "openai", "embedder_model": "words", "embedder_dimensions": str(DIMENSIONS)}
        options = ["--embedder", "openai", "--model", "words", "--dimensions", str(DIMENSIONS)]
        ids: list[MemoryId] = []
        search_during(filled, tmp_path, *options, when_building=lambda: ids.append(add(filled, early)), **openai)
        assert {path for path, _, _ in models.requests} == {"/v1/embeddings"}
        assert sum(len(body["input"]) for _, _, body in models.requests) >= MEMORIES
        ids.append(add(filled, late))

        with opened(filled.settings | new) as services:
            assert nearest(services, "Ana counted 77 herons.") is not None
            assert nearest(services, late) != ids[1]
            told = filled.command(tmp_path, "reindex", "--missing", **new).out
            assert told in {
                f"{count} memories were given vectors of {services.workbench.embedder.model_id}.\n" for count in (1, 2)
            }
            services.clock.sleep(services.visible_after_s)
            assert [nearest(services, text) for text in (early, late)] == ids
            assert answers(services, PROJECT, "ana", late)[0][0] == ids[1]
        assert {path for path, _, _ in models.requests} == {"/v1/embeddings"}
