from collections.abc import Sequence
from typing import NewType, Protocol

from ricordo.domain.memory import Memory

BuildId = NewType("BuildId", str)


class IndexBuilder(Protocol):
    """Builds the index of a model anew from the truth, while the one that serves goes on serving.

    From `begin` on, whatever the `SearchIndex` of the same model writes reaches the new index too, so a caller that
    reads the truth after `begin` misses nothing: what changes before a page is read is in the page, what changes after
    it comes with its own projection, and the later version stays. Every method raises UnavailableError if the index
    cannot be reached, and may then be called again.
    """

    def ensure(self) -> None:
        """Let an empty index serve, if none does; any number of callers may at once.

        Raises:
            StoreFormatError: the one that serves is of another version, model or dimension.
        """
        ...

    def begin(self) -> BuildId:
        """Start an empty index; whatever an earlier build has left is dropped.

        Raises:
            ConflictError: another build began at the same time.
        """
        ...

    def write(self, build: BuildId, memories: Sequence[Memory]) -> None:
        """Write live memories as they are, unless the new index has seen a later version of one.

        Raises:
            ProjectionError: it took all but the memories the error names.
            ConflictError: a later build took over.
        """
        ...

    def finish(self, build: BuildId) -> None:
        """Let the new index serve from now on, and drop the old one.

        Raises:
            ConflictError: a later build took over; the old one serves.
        """
        ...

    def abandon(self, build: BuildId) -> None:
        """Drop the new index; the old one goes on serving. One that serves or is gone stays as it is."""
        ...
