"""Dates and times as callers write them; everything inside is aware UTC.

A date means its whole day in UTC, a datetime is exact. Both are intervals, so that comparisons need no
special cases.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ricordo.domain.errors import InvalidMomentError

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LATEST_UNIX_S = 253_402_300_799  # 9999-12-31T23:59:59Z, the end of datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """A half-open interval of time `[start, end)`: a day, or one microsecond."""

    start: datetime
    end: datetime
    text: str

    @property
    def is_date(self) -> bool:
        """A whole day rather than an instant."""
        return _DATE.fullmatch(self.text) is not None


def parse_moment(value: object, field: str) -> Moment:
    """Read `YYYY-MM-DD`, an ISO 8601 datetime (naive means UTC), or unix seconds.

    Raises:
        InvalidMomentError: none of these.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _refusal(field)
    try:
        if isinstance(value, str):
            return _parse_text(value.strip())
        return _instant(from_unix_s(value), str(value))
    except (ValueError, OverflowError) as error:
        raise _refusal(field) from error


def _parse_text(text: str) -> Moment:
    if _DATE.fullmatch(text):
        start = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        return Moment(start, start + timedelta(days=1), text)
    if re.fullmatch(r"\d{9,11}(\.\d+)?", text):
        return _instant(from_unix_s(float(text)), text)
    if "-" not in text[1:8]:
        raise ValueError("not an ISO 8601 extended date")
    return _instant(as_utc(datetime.fromisoformat(text)), text)


def _instant(at: datetime, text: str) -> Moment:
    return Moment(at, at + _MICROSECOND, text)


def _refusal(field: str) -> InvalidMomentError:
    return InvalidMomentError(
        f"{field} must be a date (YYYY-MM-DD), an ISO 8601 datetime or unix seconds between 1970 and 9999."
    )


def from_unix_s(seconds: float) -> datetime:
    """Turn unix seconds into UTC; a value past the year 9999 is a ValueError."""
    if not 0 <= seconds <= _LATEST_UNIX_S:
        raise ValueError("out of range")
    return _EPOCH + timedelta(microseconds=round(seconds * 1_000_000))


def as_utc(at: datetime) -> datetime:
    """Return `at` in UTC; a naive datetime is taken as UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def to_micros(at: datetime) -> int:
    """Microseconds since 1970; exact, unlike `datetime.timestamp`."""
    return (at - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Invert `to_micros`."""
    return _EPOCH + timedelta(microseconds=micros)


def iso(at: datetime) -> str:
    """Write a UTC datetime as ISO 8601 with a `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
