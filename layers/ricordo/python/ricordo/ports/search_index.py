from collections.abc import Mapping, Sequence
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
        """Return the `limit` nearest by vector and the `limit` best by BM25 that match, without repeats.

        An index that cannot express all of `where` returns more, and some that do not match: callers check
        every memory against the truth. It never leaves out one that matches for what it cannot express.

        Raises:
            UnavailableError: the index cannot be reached, or did not answer in time.
        """
        ...

    def neighbours(self, project_id: ProjectId, beside: Sequence[Memory]) -> Sequence[MemoryId]:
        """Return what stands directly before and after these memories in their threads, without them.

        Raises:
            UnavailableError: the index cannot be reached, or did not answer in time.
        """
        ...

    def without_vector(self, project_id: ProjectId, model_id: str, *, limit: int) -> Sequence[MemoryId]:
        """Return up to `limit` memories that are shown without a vector of this model.

        Those whose vector has no direction may be among them.

        Raises:
            UnavailableError: the index cannot be reached, or did not answer in time.
        """
        ...

    def upsert(self, memories: Sequence[Memory]) -> None:
        """Make the index show these memories as they are, unless it has seen a later version of one.

        It may take a moment until searches see it.

        Raises:
            UnavailableError: the index cannot be reached; some may have been written.
            ProjectionError: it took all but the memories the error names.
        """
        ...

    def remove(self, project_id: ProjectId, last_versions: Mapping[MemoryId, int]) -> None:
        """Make the index forget memories, given the last version each had; unknown ids are no error.

        What comes later for such a version or an earlier one is ignored, as far as the engine can tell.

        Raises:
            UnavailableError: the index cannot be reached; some may have been removed.
        """
        ...
