from typing import Protocol

from ricordo.domain.episode import Episode
from ricordo.domain.fact import Extraction


class Extractor(Protocol):
    """Turns what was said into statements worth remembering."""

    def extract(self, episode: Episode) -> Extraction:
        """Return the statements of `episode`, in the order in which they were said, and what was dropped.

        The same episode yields the same extraction. A statement stands alone: it names the people
        it speaks of, and its dates are absolute. Nothing is stated that was not said.

        Raises:
            UnavailableError: a model that the extractor depends on cannot be reached.
        """
        ...
