"""Pages by number, as mem0's clients turn them, and by place, which stays cheap however far one reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended.

    Attributes:
        after: The last row of it, in the store's own spelling.
        total: What was counted for the first page.
    """

    after: str
    total: int


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Page `number` (from 1) of `size` rows; with the `place` where the one before ended, nothing is counted again."""

    number: int = 1
    size: int = 100
    place: Place | None = None

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page and the number of rows over all pages.

    Attributes:
        end: Where this page ends, if the store can go on from there.
        is_total_exact: False when there are at least `total` rows: the store stopped counting.
    """

    items: Sequence[T]
    total: int
    request: PageRequest
    end: Place | None = None
    is_total_exact: bool = True

    @property
    def has_next(self) -> bool:
        """Rows follow this page."""
        return self.request.offset + self.request.size < self.total

    @property
    def has_previous(self) -> bool:
        """This is not the first page."""
        return self.request.number > 1
