"""Dates, months and years named in a text."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY: Final = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR: Final = r"(?P<year>(?:19|20)\d\d)"
_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_YEAR}-(?P<month_number>[01]\d)-(?P<day>[0-3]\d)\b",
        rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH}\s+{_DAY}\b(?:,?\s+{_YEAR})?",
        rf"\b{_MONTH},?\s+(?:of\s+)?{_YEAR}",
        rf"\b(?:in|since|by|during|of|until|last|this|next|early|late|mid)\s+{_MONTH}",
        rf"\b{_YEAR}\b",
    )
)
_FADING_DAYS: Final = 31


@dataclass(frozen=True, slots=True)
class NamedTime:
    """A date as far as a text names it; what it leaves open is None."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def nearness(self, at: datetime) -> float:
        """Say in [0, 1] how near `at` is: 1 within what is named, falling to 0 a month away from it."""
        return max(self._nearness_in(year, at) for year in ([self.year] if self.year else _years_around(at)))

    def _nearness_in(self, year: int, at: datetime) -> float:
        start, end = self._interval(year)
        if start <= at < end:
            return 1.0
        gap = (start - at if at < start else at - end).days
        return max(0.0, 1.0 - gap / _FADING_DAYS)

    def _interval(self, year: int) -> tuple[datetime, datetime]:
        if self.month is None:
            return datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        days = monthrange(year, self.month)[1]
        first, last = (min(self.day, days),) * 2 if self.day else (1, days)
        start = datetime(year, self.month, first, tzinfo=UTC)
        return start, start + timedelta(days=last - first + 1)


def _years_around(at: datetime) -> Iterator[int]:
    yield from (year for year in (at.year - 1, at.year, at.year + 1) if MINYEAR < year < MAXYEAR)


def named_times(text: str) -> tuple[NamedTime, ...]:
    """Find the dates, months and years that `text` names, each once, most exact first."""
    found: dict[NamedTime, None] = {}
    rest = text
    for pattern in _PATTERNS:
        for match in pattern.finditer(rest):
            time = _read(match)
            if time is not None:
                found[time] = None
        rest = pattern.sub(" | ", rest)
    return tuple(found)


def _read(match: re.Match[str]) -> NamedTime | None:
    parts = match.groupdict()
    month = parts.get("month_number") or _month_number(parts.get("month"))
    time = NamedTime(*(int(part) if part else None for part in (parts.get("year"), month, parts.get("day"))))
    try:
        datetime(time.year or 2000, time.month or 1, time.day or 1, tzinfo=UTC)
    except ValueError:
        return None
    return time


def _month_number(name: str | None) -> int | None:
    return None if name is None else _MONTHS.index(name[:3].lower()) + 1
