from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ricordo.domain.filters import Expression
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """What to look for.

    Attributes:
        vector: Unit vector of the question, or None when the embedder is down.
        model_id: The model `vector` came from; vectors of other models are not compared.
        terms: Words to find, any of them; already without stop words.
    """

    project_id: ProjectId
    where: Expression
    vector: NDArray[np.float32] | None
    model_id: str
    terms: tuple[str, ...]
    limit: int


class SearchIndex(Protocol):
    """Nominates candidates. Its scores only choose them; the domain ranks."""

    def nominate(self, query: IndexQuery) -> Sequence[MemoryId]:
        """Return the `limit` nearest by vector and the `limit` best by BM25 that match, without repeats."""
        ...

    def neighbours(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> Sequence[MemoryId]:
        """Return what stands directly before and after these memories in their threads, without them."""
        ...

    def speakers(self, project_id: ProjectId, where: Expression) -> frozenset[str]:
        """Return names of those who speak in the owners that `where` names, as far as known."""
        ...

    def upsert(self, memories: Sequence[Memory]) -> None:
        """Make the index show these memories as they are."""
        ...

    def remove(self, project_id: ProjectId, memory_ids: Sequence[MemoryId]) -> None:
        """Make the index forget these memories; unknown ids are no error."""
        ...
