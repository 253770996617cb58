"""Calendar periods as half-open intervals of UTC days, with the way they are written."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

_MONTHS_IN_YEAR: Final = 12
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(weeks=1)
SATURDAY: Final = 5
# First month of each season of the northern half of the earth.
SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_SEASON_MONTHS: Final = 3


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to before `end`; an open side is None. `label` is how a statement names it."""

    start: date | None
    end: date | None
    label: str

    @property
    def valid_from(self) -> datetime | None:
        """Midnight UTC at the start."""
        return None if self.start is None else datetime.combine(self.start, time(), UTC)

    @property
    def valid_to(self) -> datetime | None:
        """Midnight UTC at the end, exclusive."""
        return None if self.end is None else datetime.combine(self.end, time(), UTC)

    def onwards(self) -> "Period":
        """Return the time from the start of this period on."""
        return Period(self.start, None, self.label)

    def up_to(self) -> "Period":
        """Return the time up to the end of this period."""
        return Period(None, self.end, self.label)


def day(at: date) -> Period:
    """One day."""
    return Period(at, at + _DAY, at.isoformat())


def week_of(at: date) -> Period:
    """The week from Monday that holds `at`."""
    monday = at - timedelta(days=at.weekday())
    return Period(monday, monday + _WEEK, f"week of {monday.isoformat()}")


def weekend_of(at: date) -> Period:
    """Saturday and Sunday of the week that holds `at`."""
    saturday = at - timedelta(days=at.weekday()) + timedelta(days=SATURDAY)
    sunday = saturday + _DAY
    return Period(saturday, sunday + _DAY, f"{saturday.isoformat()} to {sunday.isoformat()}")


def month(year: int, number: int) -> Period:
    """One month; `number` may run over into other years."""
    first = first_of_month(year, number)
    return Period(first, first_of_month(year, number + 1), f"{first.year:04d}-{first.month:02d}")


def year(number: int) -> Period:
    """One year."""
    return Period(date(number, 1, 1), date(number + 1, 1, 1), f"{number:04d}")


def season(name: str, in_year: int) -> Period:
    """Three months beginning in `in_year`."""
    first = SEASONS[name]
    start, end = first_of_month(in_year, first), first_of_month(in_year, first + _SEASON_MONTHS)
    last = end - _DAY
    return Period(start, end, f"{start.year:04d}-{start.month:02d} to {last.year:04d}-{last.month:02d}")


def first_of_month(in_year: int, number: int) -> date:
    """Return the first day of month `number`, counted from January of `in_year`."""
    years, rest = divmod(number - 1, _MONTHS_IN_YEAR)
    return date(in_year + years, rest + 1, 1)


def before(current: Period) -> Period:
    """The time before a period that is going on."""
    return Period(None, current.start, f"before {_plain(current)}")


def after(current: Period) -> Period:
    """The time after a period that is going on."""
    return Period(current.end, None, f"after {_plain(current)}")


def _plain(period: Period) -> str:
    return period.label.removeprefix("week of ")


def between(first: Period, last: Period) -> Period:
    """The time from the start of one period to the end of another."""
    return Period(first.start, last.end, "")
