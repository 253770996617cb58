"""Lists that an index keeps in order: partitions merged, pages by number or by place, totals counted to a bound."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from boto3.dynamodb.conditions import Key as IndexKey

from ricordo.adapters.dynamodb.keys import Key
from ricordo.adapters.dynamodb.table import Table
from ricordo.domain.paging import PageRequest, Place

COUNTED = 10_000
INDEX = "gsi1"
_PLACE = f"{INDEX}sk"
_FIRST, _LAST = "0", "~"  # what keys sort between


@dataclass(frozen=True, slots=True)
class Listed:
    """The keys of one page; `is_total_exact` is False when counting stopped at `total`."""

    keys: Sequence[Key]
    total: int
    is_total_exact: bool
    end: Place | None


def last_first(
    table: Table, partitions: Sequence[str], page: PageRequest, *, since: str = _FIRST, before: str = _LAST
) -> Listed:
    """Return a page of what these partitions of `gsi1` list, places in `[since, before)`, the greatest first.

    All rows up to the page are read, as keys; from a `place` on, the page alone. A place is the row's sort key, so
    these must differ within the list.
    """
    if page.place is not None:
        rows = _descending(table, partitions, since, min(before, page.place.after), limit=page.size + 1)
        found = list(islice(rows, page.size + 1))
        total, is_exact = page.place.total, page.place.total <= COUNTED
        if not is_exact:
            total, is_exact = counted_on(page, total, found=len(found))
        return _listed(found[: page.size], total, is_exact=is_exact)
    rows = _descending(table, partitions, since, before)
    skipped = sum(1 for _ in islice(rows, page.offset))
    shown = list(islice(rows, page.size))
    seen = skipped + len(shown)
    total = seen + sum(1 for _ in islice(rows, max(COUNTED - seen, 0) + 1))
    return _listed(shown, total, is_exact=total <= max(COUNTED, seen))


def counted_on(page: PageRequest, at_least: int, *, found: int) -> tuple[int, bool]:
    """Return the total and whether it is exact, for a page that begins at a place.

    Of `at_least` rows it is known that they are there; `found` were seen from the place on, one more than the page
    shows if there is one.
    """
    if found > page.size:
        return max(at_least, page.offset + found), False
    return page.offset + found, True


def _descending(
    table: Table, partitions: Sequence[str], since: str, before: str, limit: int | None = None
) -> Iterator[dict[str, Any]]:
    if since >= before:
        return
    where = IndexKey(_PLACE).between(since, before)
    found = [table.query_all(pk, where=where, index=INDEX, newest_first=True, limit=limit) for pk in partitions]
    for row in heapq.merge(*found, key=lambda row: str(row[_PLACE]), reverse=True):
        if row[_PLACE] != before:
            yield row


def _listed(rows: Sequence[dict[str, Any]], total: int, *, is_exact: bool) -> Listed:
    end = Place(rows[-1][_PLACE], total) if rows else None
    return Listed([Key(row["pk"], row["sk"]) for row in rows], total, is_exact, end)


def oldest_first(table: Table, partition: str) -> Iterator[dict[str, Any]]:
    """Yield all rows that a partition of `gsi1` lists, as they stand."""
    listed = [Key(row["pk"], row["sk"]) for row in table.query_all(partition, index=INDEX)]
    found = table.get_many(listed)
    return (found[key] for key in listed if key in found)
