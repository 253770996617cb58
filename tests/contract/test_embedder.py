"""What every embedder does; and how the built-in one refuses weights that are not its own.

MiniLM is the real model. Titan and the OpenAI-compatible embedder speak to a canned Bedrock and to a local
server whose vectors are hashed words: that shows order, shape, length and what is done to texts on the way,
and nothing about how well the models behind them understand.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.bedrock import CannedBedrock
from support.clocks import FrozenClock
from support.meters import CountingMeter
from support.openai_server import openai_server

from ricordo.adapters.bedrock.embedder import TitanEmbedder
from ricordo.adapters.builtin.embedder import MiniLMEmbedder
from ricordo.adapters.builtin.hashing_embedder import HashingEmbedder
from ricordo.adapters.openai_compatible.embedder import OpenAIEmbedder
from ricordo.adapters.openai_compatible.model_server import ModelServer
from ricordo.domain.errors import EmbedderUnavailableError
from ricordo.domain.ids import ProjectId
from ricordo.ports.embedder import Embedder

_SAME = 0.995  # cosine; int8 activations are scaled by what is in a batch

TEXTS = (
    "I moved to Lisbon in March.",
    "My sister keeps bees.",
    "Ich trinke lieber Tee als Kaffee.",
    "私は猫が好きです。",
    "मुझे चाय पसंद है",
    "ok",
    "long " * 2_000,
    "🙂🙃",
    "(" * 50_000,
    "猫" * 50_000,
    "half a pair: \ud83d",
    " \n ",
    "",
)


@contextmanager
def titan() -> Iterator[Embedder]:
    """Titan over a canned Bedrock."""
    yield TitanEmbedder(CannedBedrock().client, clock=FrozenClock(), meter=CountingMeter(), dimensions=256)


@contextmanager
def openai() -> Iterator[Embedder]:
    """An OpenAI-compatible embedder over a server on this machine."""
    with openai_server() as serving:
        server = ModelServer(serving.url)
        yield OpenAIEmbedder(server, model="bge", clock=FrozenClock(), meter=CountingMeter())
        server.close()


OPENERS: dict[str, Callable[[], AbstractContextManager[Embedder]]] = {
    "minilm": lambda: nullcontext(MiniLMEmbedder()),
    "hashing": lambda: nullcontext(HashingEmbedder()),
    "titan": titan,
    "openai": openai,
}


@pytest.fixture(scope="module", params=OPENERS)
def embedder(request: pytest.FixtureRequest) -> Iterator[Embedder]:
    """An embedder of each kind."""
    with OPENERS[request.param]() as opened:
        yield opened


def test_one_float32_row_for_each_text(embedder: Embedder) -> None:
    """The answer has one row a text and as many columns as the port promises."""
    vectors = embedder.embed(TEXTS)

    assert vectors.shape == (len(TEXTS), embedder.dimensions)
    assert vectors.dtype == np.float32


def test_every_vector_has_unit_length(embedder: Embedder) -> None:
    """Cosine is a dot product, whatever the script or the length, even of nothing."""
    lengths = np.linalg.norm(embedder.embed(TEXTS), axis=1)

    assert lengths == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_no_texts_no_vectors(embedder: Embedder) -> None:
    """An empty list gives an empty array of the right width."""
    assert embedder.embed([]).shape == (0, embedder.dimensions)


def test_vectors_come_in_the_order_of_the_texts(embedder: Embedder) -> None:
    """Batching by length is undone, and a batch changes a vector by no more than its rounding."""
    together = embedder.embed(TEXTS)
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS])

    assert (together * alone).sum(axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1 - _SAME)


def test_the_same_text_twice_gives_the_same_vector(embedder: Embedder) -> None:
    """Nothing depends on what was embedded before."""
    text = "We adopted a cat called Turnip."

    assert np.array_equal(embedder.embed([text]), embedder.embed([text]))


def test_a_paraphrase_with_shared_words_is_nearer_than_another_subject(embedder: Embedder) -> None:
    """Vectors order texts by what they say."""
    asked, answer, other = embedder.embed(["Where did I move in March?", "I moved to Lisbon in March.", "Bees sting."])

    assert asked @ answer > asked @ other


def test_the_project_changes_nothing_in_the_vectors(embedder: Embedder) -> None:
    """Naming the project a call is made for is about counting only."""
    text = "We adopted a cat called Turnip."

    assert np.array_equal(embedder.embed([text], project_id=ProjectId("a")), embedder.embed([text]))


def test_model_id_names_one_kind_of_vector(embedder: Embedder) -> None:
    """The id is a non-empty word, the same at every reading."""
    assert embedder.model_id
    assert embedder.model_id == embedder.model_id.strip()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(st.text(max_size=40), max_size=4))
def test_any_text_can_be_embedded(embedder: Embedder, texts: list[str]) -> None:
    """No string is refused, and every number is finite."""
    vectors = embedder.embed(texts)

    assert vectors.shape == (len(texts), embedder.dimensions)
    assert np.isfinite(vectors).all()


def test_hashing_widths_have_ids_of_their_own() -> None:
    """Vectors of different width never carry the same model id."""
    assert HashingEmbedder(dimensions=64).model_id != HashingEmbedder(dimensions=128).model_id


def test_missing_weights_make_the_embedder_unavailable(tmp_path: Path) -> None:
    """A file that is not there is reported as such, at the first call and not before."""
    embedder = MiniLMEmbedder(weights=tmp_path / "model.onnx")

    with pytest.raises(EmbedderUnavailableError):
        embedder.embed(["hello"])


def test_other_weights_are_refused(tmp_path: Path) -> None:
    """A file whose sum differs would give vectors that do not compare, so it is never loaded."""
    weights = tmp_path / "model.onnx"
    weights.write_bytes(b"not a model")

    with pytest.raises(EmbedderUnavailableError):
        MiniLMEmbedder(weights=weights).embed(["hello"])
