from typing import Protocol

from ricordo.domain.episode import Episode
from ricordo.domain.fact import Extraction


class Extractor(Protocol):
    """Turns what was said into statements worth remembering."""

    def extract(self, episode: Episode) -> Extraction:
        """Return the statements of `episode`, in the order in which they were said, and what was dropped.

        Rules yield the same extraction every time; a model may not, so callers keep what they got first.
        A statement stands alone: it names the people it speaks of, and its dates are absolute. Nothing is
        stated that was not said. Tokens that are billed are counted for the episode's project.

        Raises:
            UnavailableError: a model that the extractor depends on cannot be reached.
        """
        ...
