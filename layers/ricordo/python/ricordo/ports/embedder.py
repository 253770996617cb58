from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns texts into unit vectors, so that cosine similarity is a dot product."""

    @property
    def model_id(self) -> str:
        """Name model and revision; vectors under two names are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array of shape (len(texts), dimensions), rows of unit length, in the order of `texts`.

        Raises:
            EmbedderUnavailableError: the model cannot be loaded or reached.
        """
        ...
