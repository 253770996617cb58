"""Pages of memories: links decide what they can, and only what they cannot is read to be filtered."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from ricordo.adapters.dynamodb.cuts import CutRows
from ricordo.adapters.dynamodb.links import Link, Links, decide
from ricordo.adapters.dynamodb.listing import counted_on
from ricordo.adapters.dynamodb.standing_rows import StandingRows, is_gone
from ricordo.adapters.dynamodb.table import Table
from ricordo.domain.filters import Expression, covering_owners, matches
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.domain.paging import Page, PageRequest, Place

COUNTED = 10_000
_READ_AT_ONCE = 100
_READ_AT_LEAST = 25  # for a small page, some of which may not match
_EXACT, _AT_LEAST = "=", ">"  # what a place says of its total

T = TypeVar("T")


class MemoryPages:
    """Reads pages, newest accepted first."""

    def __init__(self, table: Table, standing: StandingRows) -> None:
        self._standing = standing
        self._links = Links(table)
        self._cuts = CutRows(table)

    def read(self, project_id: ProjectId, where: Expression, request: PageRequest) -> Page[Memory]:
        """Return a page and the total, counted until 10,000 links were looked at.

        From a place on nothing is counted, and the links before it are not read.
        """
        if request.place is not None:
            return self._after(project_id, where, request, request.place)
        end = request.offset + request.size
        taken: list[tuple[Link, Memory | None]] = []
        total, is_exact = 0, True
        for examined, link, memory in self._matching(project_id, where):
            if request.offset <= total < end:
                taken.append((link, memory))
            total += 1
            if total > end and examined >= COUNTED:
                is_exact = False
                break
        return self._page(project_id, taken, request, total, is_exact=is_exact)

    def _after(self, project_id: ProjectId, where: Expression, request: PageRequest, place: Place) -> Page[Memory]:
        is_exact, after = place.after[:1] == _EXACT, place.after[1:]
        wanted = request.size if is_exact else request.size + 1
        found = self._matching(project_id, where, after=after, limit=max(wanted, _READ_AT_LEAST))
        taken = [(link, memory) for _, link, memory in islice(found, wanted)]
        total = place.total
        if not is_exact:
            total, is_exact = counted_on(request, total, found=len(taken))
        return self._page(project_id, taken[: request.size], request, total, is_exact=is_exact)

    def _matching(
        self, project_id: ProjectId, where: Expression, *, after: str | None = None, limit: int | None = None
    ) -> Iterator[tuple[int, Link, Memory | None]]:
        """Yield how many links were looked at, and each that matches; with its memory where that had to be read."""
        cuts = self._cuts.of(project_id)
        walked = self._links.walk(project_id, covering_owners(where), after=after, limit=limit)
        examined = 0
        for some in _batched(walked, limit or _READ_AT_ONCE):
            verdicts = [
                (link, False if cuts.hide(link.scope, link.cuts_seen) else decide(where, link)) for link in some
            ]
            read = self._read(project_id, [link.memory_id for link, verdict in verdicts if verdict is None])
            for link, verdict in verdicts:
                examined += 1
                memory = read.get(link.memory_id)
                if verdict or (memory is not None and matches(where, memory)):
                    yield examined, link, memory

    def _page(
        self,
        project_id: ProjectId,
        taken: list[tuple[Link, Memory | None]],
        request: PageRequest,
        total: int,
        *,
        is_exact: bool,
    ) -> Page[Memory]:
        read = self._read(project_id, [link.memory_id for link, memory in taken if memory is None])
        memories = [memory or read.get(link.memory_id) for link, memory in taken]
        end = None
        if taken:
            last, _ = taken[-1]
            end = Place(f"{_EXACT if is_exact else _AT_LEAST}{last.place}", total)
        return Page([memory for memory in memories if memory is not None], total, request, end, is_exact)

    def _read(self, project_id: ProjectId, memory_ids: list[MemoryId]) -> dict[MemoryId, Memory]:
        rows = self._standing.of(project_id, memory_ids)
        return {memory_id: self._standing.memory(row) for memory_id, row in rows.items() if not is_gone(row)}


def _batched(links: Iterator[T], size: int) -> Iterable[list[T]]:
    return iter(lambda: list(islice(links, size)), [])
