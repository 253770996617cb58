from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ricordo.domain.ids import ProjectId


class Embedder(Protocol):
    """Turns texts into unit vectors, so that cosine similarity is a dot product."""

    @property
    def model_id(self) -> str:
        """Name model and revision; vectors under two names are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of every vector.

        Raises:
            EmbedderUnavailableError: only the model's server can tell, and it cannot be reached.
        """
        ...

    def embed(self, texts: Sequence[str], *, project_id: ProjectId | None = None) -> NDArray[np.float32]:
        """Return an array of shape (len(texts), dimensions), rows of unit length, in the order of `texts`.

        What a model cannot take of a long text is left out. Tokens that are billed are counted for
        `project_id`, the project the call is made for.

        Raises:
            EmbedderUnavailableError: the model cannot be loaded or reached.
        """
        ...
