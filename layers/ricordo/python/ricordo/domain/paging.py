"""Pages by number, as mem0's clients turn them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Page `number` (from 1) of `size` rows."""

    number: int = 1
    size: int = 100

    @property
    def offset(self) -> int:
        """Rows before this page."""
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page and the exact number of rows over all pages."""

    items: Sequence[T]
    total: int
    request: PageRequest

    @property
    def has_next(self) -> bool:
        """Rows follow this page."""
        return self.request.offset + self.request.size < self.total

    @property
    def has_previous(self) -> bool:
        """This is not the first page."""
        return self.request.number > 1
