"""An embedder without weights, for tests that need many vectors and no understanding."""

import re
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ricordo.domain.ids import ProjectId

_WORD = re.compile(r"\w+")
_TRIGRAM_WEIGHT = 0.5


class HashingEmbedder:
    """Hashes words and letter trigrams into signed buckets (Weinberger et al. 2009).

    Texts that share words are near each other; nothing else is known. It is never a fallback: its vectors do
    not compare with a model's.
    """

    def __init__(self, *, dimensions: int = 256) -> None:
        self._dimensions = dimensions

    @property
    def model_id(self) -> str:
        return f"hashing-{self._dimensions}"

    @property
    def dimensions(self) -> int:
        return self._dimensions

    def embed(
        self,
        texts: Sequence[str],
        *,
        project_id: ProjectId | None = None,  # noqa: ARG002  # runs here: nothing to bill
    ) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self._dimensions), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            self._fill(vector, text)
        return vectors

    def _fill(self, vector: NDArray[np.float32], text: str) -> None:
        for feature, weight in _features(text):
            bucket, sign = divmod(zlib.crc32(feature.encode("utf-8", "replace")), 2)
            vector[bucket % self._dimensions] += weight if sign else -weight
        length = float(np.linalg.norm(vector))
        if length == 0:
            vector[0] = 1  # nothing to hash, or everything cancelled out: still a unit vector
        else:
            vector /= length


def _features(text: str) -> Iterator[tuple[str, float]]:
    for word in _WORD.findall(text.casefold()):
        yield word, 1.0
        padded = f"<{word}>"
        for start in range(len(padded) - 2):
            yield padded[start : start + 3], _TRIGRAM_WEIGHT
