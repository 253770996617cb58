from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ricordo.domain.ids import ProjectId
from ricordo.ports.embedder import Embedder
from ricordo.runtime.observability import span


class QueryVectors:
    """An embedder that remembers the vectors of the last questions and tells how long the others took."""

    def __init__(self, embedder: Embedder, capacity: int = 1024) -> None:
        self._embedder = embedder
        self._capacity = capacity
        self._kept: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    @property
    def model_id(self) -> str:
        return self._embedder.model_id

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    def embed(self, texts: Sequence[str], *, project_id: ProjectId | None = None) -> NDArray[np.float32]:
        with span("embed_ms"):
            return np.stack([self._vector(text, project_id) for text in texts])

    def _vector(self, text: str, project_id: ProjectId | None) -> NDArray[np.float32]:
        vector = self._kept.get(text)
        if vector is None:
            vector = self._embedder.embed([text], project_id=project_id)[0]
            self._kept[text] = vector
        self._kept.move_to_end(text)
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)
        return vector
