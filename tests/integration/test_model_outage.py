"""A model outside the server is down as it starts, and comes up later."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from support.gate import Gate, gate_before
from support.openai_server import DIMENSIONS, openai_server
from support.server import running_server, wait_until

from ricordo.domain.filters import All
from ricordo.domain.ids import ProjectId
from ricordo.domain.paging import PageRequest
from ricordo.runtime.settings import Settings
from ricordo.runtime.wiring import wire

MODEL = {"embedder": "openai", "embedder_model": "hashing", "embedder_dimensions": str(DIMENSIONS)}


@pytest.fixture
def model() -> Iterator[Gate]:
    """The way to the model."""
    with openai_server() as server, gate_before(server.url) as gate:
        yield gate


def test_a_server_starts_without_its_model(model: Gate, tmp_path: Path) -> None:
    """GIVEN a model that is gone WHEN the server starts THEN it serves, and adds vectors once the model is there."""
    model.is_closed = True
    with running_server(tmp_path / "data", **MODEL, openai_url=model.url) as server:
        headers = {"Authorization": f"Token {server.api_key}"}
        with httpx.Client(base_url=server.base_url, headers=headers, timeout=30) as client:
            body = {"messages": "Plays chess in Porto", "user_id": "ana", "infer": False}
            (added,) = client.post("/v3/memories/add/", json=body).json()["results"]
            search = {"query": "Who plays chess?", "filters": {"user_id": "ana"}}
            found = client.post("/v3/memories/search/", json=search).json()
        assert [result["id"] for result in found["results"]] == [added["id"]]
        assert found["degraded"] == ["embedder"]

        model.is_closed = False
        with closing(wire(Settings(data_dir=server.data_dir))) as services:

            def has_vector() -> bool:
                (memory,) = services.memories.list(ProjectId("proj_0"), All(), PageRequest(1, 2)).items
                return memory.embedding is not None and memory.embedding.model_id == f"hashing/{DIMENSIONS}"

            assert not has_vector()
            wait_until(has_vector, timeout_s=30)
