"""What every embedder does; and how the built-in one refuses weights that are not its own."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ricordo.adapters.builtin.embedder import MiniLMEmbedder
from ricordo.adapters.builtin.hashing_embedder import HashingEmbedder
from ricordo.domain.errors import EmbedderUnavailableError
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
    "",
)


@pytest.fixture(scope="module", params=[MiniLMEmbedder, HashingEmbedder])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    """An embedder of each kind."""
    made: Embedder = request.param()
    return made


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
