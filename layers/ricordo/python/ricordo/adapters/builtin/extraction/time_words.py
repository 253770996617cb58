"""The words English has for times, as patterns, each with the period it names."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ricordo.adapters.builtin.extraction import periods
from ricordo.adapters.builtin.extraction.periods import Period

_MONTH_NAMES: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH: Final = (
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|"
    r"December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b(?:\.(?=\s?\d))?"
)
_DAY: Final = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\b"
_DAY_OF_MONTH: Final = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)\b"
_YEAR: Final = r"(?P<year>(?:19|20)\d\d)\b"
_WEEKDAY_NAME: Final = r"(?P<weekday>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
_WEEKDAY: Final = (
    rf"{_WEEKDAY_NAME}\b(?:'s)?(?! (?:to|through|and|or) \w+days?\b| (?:lunch|brunch|roast|school|league)\b)"
)
_PART_OF_DAY: Final = r"(?: (?:morning|afternoon|evening|night))?"
_COUNT: Final = (
    r"(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"a couple of|a couple|a few|several)"
)
_SHORT_WEEKDAY: Final = r"(?P<weekday>mon|tues?|wed|thu(?:rs?)?|fri|sat)\b\.?"
_UNIT: Final = r"(?P<unit>day|week|weekend|month|year)s?\b"
_NUMERALS: Final = "one two three four five six seven eight nine ten eleven twelve"
_COUNTS: Final = {word: number for number, word in enumerate(_NUMERALS.split(), 1)} | {
    "a": 1,
    "an": 1,
    "a couple": 2,
    "a couple of": 2,
}
_FURTHEST_YEARS: Final = 150
_YEARS_AROUND: Final = range(-4, 5)  # every four years there is a February 29
_MONTHS_AROUND: Final = range(-2, 3)


@dataclass(frozen=True, slots=True)
class Moment:
    """The day a sentence was said, and whether it speaks of the past."""

    today: date
    is_past: bool
    near: date | None = None  # the last date named before, in the same sentence


Reader = Callable[[re.Match[str], Moment], Period | None]


def _days_off(days: int) -> Reader:
    return lambda _, said: periods.day(said.today + timedelta(days=days))


def _iso(match: re.Match[str], _: Moment) -> Period | None:
    return _unlabelled(periods.day(date.fromisoformat(match.group())))


def _month_day(match: re.Match[str], said: Moment) -> Period | None:
    number, in_month = _month_number(match), int(match["day"])
    if match["year"]:
        return _unlabelled(periods.day(date(int(match["year"]), number, in_month)))
    return _nearest(((said.today.year + years, number) for years in _YEARS_AROUND), in_month, said)


def _day_of_month(match: re.Match[str], said: Moment) -> Period | None:
    """Read "the 12th": of the month named beside it in the sentence, else of the nearest month that fits."""
    if said.near:
        return periods.day(date(said.near.year, said.near.month, int(match["day"])))
    year, month = said.today.year, said.today.month
    months = ((year + (month - 1 + off) // 12, (month - 1 + off) % 12 + 1) for off in _MONTHS_AROUND)
    return _nearest(months, int(match["day"]), said)


def _nearest(months: Iterable[tuple[int, int]], in_month: int, said: Moment) -> Period | None:
    """Return the day closest to that of saying, before or after it as the sentence has it."""
    days = [at for year, month in months if (at := _day_or_none(year, month, in_month))]
    if said.is_past:
        return periods.day(max(at for at in days if at <= said.today))
    return periods.day(min(at for at in days if at >= said.today))


def _day_or_none(year: int, month: int, in_month: int) -> date | None:
    try:
        return date(year, month, in_month)
    except ValueError:  # such as February 29
        return None


def _numeric(match: re.Match[str], _: Moment) -> Period | None:
    """Read 15/02/2025 and 2/28/2025, where only one order makes a date, and 5.11.2025, always day first."""
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    readings = {(first, second)} if match["mark"] == "." else {(first, second), (second, first)}
    days = [at for in_month, month in readings if (at := _day_or_none(year, month, in_month))]
    return periods.day(days[0]) if len(days) == 1 else None


def _month_year(match: re.Match[str], _: Moment) -> Period | None:
    return _unlabelled(periods.month(int(match["year"]), _month_number(match)))


def _month_alone(match: re.Match[str], said: Moment) -> Period | None:
    number, which = _month_number(match), match["which"].lower()
    this_year = said.today.year
    if which == "of":
        return periods.month(this_year + (not said.is_past and number < said.today.month), number)
    if which in ("last", "since") or (which != "next" and said.is_past):
        is_ahead = number > said.today.month or (which == "last" and number == said.today.month)
        return periods.month(this_year - is_ahead, number)
    is_behind = number < said.today.month or (which == "next" and number == said.today.month)
    return periods.month(this_year + is_behind, number)


def _year(match: re.Match[str], _: Moment) -> Period | None:
    return _unlabelled(periods.year(int(match["year"])))


def _weekday(match: re.Match[str], said: Moment) -> Period | None:
    number = _WEEKDAY_NAMES.index(match["weekday"][:3].lower())
    which = (match["which"] or "on").lower()
    ahead = (number - said.today.weekday()) % 7
    if which == "next":
        return periods.day(said.today + timedelta(days=7 - said.today.weekday() + number))
    if which == "this" and said.is_past:
        return periods.day(said.today - timedelta(days=(7 - ahead) % 7))
    if which in ("last", "this past", "past", "since") or (which == "on" and said.is_past):
        return periods.day(said.today - timedelta(days=(7 - ahead) % 7 or 7))
    return periods.day(said.today + timedelta(days=ahead if which == "this" else ahead or 7))


def _weekdays_ago(match: re.Match[str], said: Moment) -> Period | None:
    """Read "two Fridays ago"."""
    count = _count(match)
    latest = _weekday_before(match, said)
    return periods.day(latest - timedelta(weeks=count - 1)) if count else None


def _weekday_before(match: re.Match[str], said: Moment) -> date:
    number = _WEEKDAY_NAMES.index(match["weekday"][:3].lower())
    return said.today - timedelta(days=(said.today.weekday() - number) % 7 or 7)


def _weekday_of_week(match: re.Match[str], said: Moment) -> Period | None:
    """Read "Tuesday next week"."""
    number = _WEEKDAY_NAMES.index(match["weekday"][:3].lower())
    weeks = {"last": -1, "this": 0, "next": 1}[match["which"].lower()]
    return periods.day(said.today + timedelta(days=number - said.today.weekday(), weeks=weeks))


def _end_of(match: re.Match[str], said: Moment) -> Period | None:
    """Read "the end of the month" as its last day, "the beginning of next year" as its first."""
    offset = {"last": -1, "next": 1}.get(match["which"].lower(), 0)
    whole = _offset(match["unit"].lower(), offset, said.today)
    if whole is None or whole.start is None or whole.end is None:
        return None
    return periods.day(whole.end - timedelta(days=1) if match["side"].lower() == "end" else whole.start)


def _relative(match: re.Match[str], said: Moment) -> Period | None:
    offset = {"last": -1, "this past": -1, "past": -1, "this": 0, "next": 1, "coming": 1}[match["which"].lower()]
    return _offset(match["unit"].lower(), offset, said.today)


def _weekend(_: re.Match[str], said: Moment) -> Period | None:
    return periods.weekend_of(said.today - timedelta(days=7)) if said.is_past else periods.weekend_of(said.today)


def _ago(match: re.Match[str], said: Moment) -> Period | None:
    return _counted(match, said.today, -1)


def _ahead(match: re.Match[str], said: Moment) -> Period | None:
    return None if said.is_past else _counted(match, said.today, 1)


def _counted(match: re.Match[str], today: date, sign: int) -> Period | None:
    count, unit = _count(match), match["unit"].lower()
    if count:
        return _offset(unit, sign * count, today)
    current = _offset(unit, 0, today)  # "a few", "several": all that is known is the side
    return current and (periods.before(current) if sign < 0 else periods.after(current))


def _count(match: re.Match[str]) -> int:
    """Return the number named, 0 for "a few" and "several"."""
    word = match["count"].lower()
    return _COUNTS.get(word) or (int(word) if word.isdigit() else 0)


def _offset(unit: str, offset: int, today: date) -> Period | None:
    if unit == "day":
        return periods.day(today + timedelta(days=offset))
    if unit == "week":
        return periods.week_of(today + timedelta(weeks=offset))
    if unit == "weekend":
        return periods.weekend_of(today + timedelta(weeks=offset))
    if unit == "month":
        return periods.month(today.year, today.month + offset)
    return periods.year(today.year + offset) if abs(offset) <= _FURTHEST_YEARS else None


def _season(match: re.Match[str], said: Moment) -> Period | None:
    name, which = match["season"].lower(), match["which"].lower()
    candidates = [periods.season(name, said.today.year + years) for years in (-2, -1, 0, 1)]
    if which in ("last", "this past", "past"):
        return max((at for at in candidates if at.end and at.end <= said.today), key=_start)
    if which == "next":
        return min((at for at in candidates if at.start and at.start > said.today), key=_start)
    current = [at for at in candidates if at.start and at.start.year == said.today.year]
    return current[0]


def _start(period: Period) -> date:
    return period.start or date.min


def _month_number(match: re.Match[str]) -> int:
    return _MONTH_NAMES.index(match["month"][:3].lower()) + 1


def _unlabelled(period: Period) -> Period:
    return Period(period.start, period.end, "")  # the wording is absolute already


_WHICH: Final = r"(?P<which>last|this past|past|this|next|coming)"
# In the order in which they are tried at one place of a sentence: the more exact first.
_ROWS: Final[tuple[tuple[str, Reader], ...]] = (
    (r"\b(?:19|20)\d\d-[01]\d-[0-3]\d\b", _iso),
    (r"(?<![\d.])(?P<first>\d{1,2})(?P<mark>[./-])(?P<second>\d{1,2})(?P=mark)" + _YEAR + r"(?![.\d])", _numeric),
    (rf"\b{_MONTH} {_DAY}(?:,? {_YEAR})?", _month_day),
    (rf"\b{_DAY} (?:of )?{_MONTH}(?:,? {_YEAR})?", _month_day),
    (rf"\b{_MONTH},? (?:of )?{_YEAR}", _month_year),
    ((
        r"\b(?:on |in |since |by |until |from |of |back in )(?:early |late |mid-?|the summer of |"
        r"the spring of |the winter of |the fall of )?"
) + _YEAR + r"(?![-.,]?\d)", _year),
    ((
        r"\b(?P<which>last|this|next|in|since|by|until|during|early|late) (?:early |late |"
        rf"mid-)?{_MONTH}(?:'s)?(?! ?\d)"
), _month_alone),
    (rf"\b(?:end|beginning|start|middle) (?P<which>of) {_MONTH}(?! ?\d)", _month_alone),
    (rf"\bthe {_DAY_OF_MONTH}(?! (?:floor|time|century|birthday|anniversary|\w+ (?:floor|time)))", _day_of_month),
    (r"\b(?:the )?(?P<side>end|beginning|start) of (?P<which>the|this|next|last) (?P<unit>week|month|year)\b",
     _end_of),
    (rf"\b(?:on )?{_WEEKDAY},? (?:of )?(?P<which>last|this|next) week\b", _weekday_of_week),
    (rf"\b(?P<which>last|this|next) week,? (?:on )?{_WEEKDAY}", _weekday_of_week),
    (rf"\b{_COUNT} {_WEEKDAY_NAME}s ago\b", _weekdays_ago),
    (r"\bthe day before yesterday\b", _days_off(-2)),
    (r"\bthe day after tomorrow\b", _days_off(2)),
    (r"\byesterday(?:'s\b| morning| afternoon| evening| night)?", _days_off(-1)),
    (r"\blast night(?:'s)?\b", _days_off(-1)),
    (r"\btomorrow(?:'s\b| morning| afternoon| evening| night)?", _days_off(1)),
    ((
        r"\b(?:today(?:'s)?|tonight(?:'s)?|this (?:morning|afternoon|"
        r"evening)(?:'s)?)\b(?! and age)"
), _days_off(0)),
    ((
        rf"\b(?:on )?(?P<which>last|this past|past|this|next|coming) {_WEEKDAY}{_PART_OF_DAY}"
), _weekday),
    (rf"\b(?P<which>on|by|until|till|since|before|from|for) {_WEEKDAY}{_PART_OF_DAY}", _weekday),
    (rf"(?<!day )\b(?P<which>to) {_WEEKDAY}", _weekday),
    (rf"\b(?P<which>on|by|until|till|since|last|this|next) {_SHORT_WEEKDAY}", _weekday),
    ((
        r"(?<!every )(?<!each )(?<!\ba )(?<!\bto )(?<!through )(?<!\band )(?<!\bor )(?<!good )(?<!black )\b(?P<which>)"
        rf"{_WEEKDAY}(?: (?:morning|afternoon|evening|night)\b|(?=$|[.,;!?)]|"
        r" (?:at|with|for|because|but|to|instead|after|before|in|not|too)\b))"
), _weekday),
    (rf"\b{_WHICH} (?P<season>spring|summer|autumn|fall|winter)(?:'s)?\b", _season),
    (rf"\b{_WHICH} (?P<unit>weekend|week|month|year)(?:'s)?\b", _relative),
    (r"\b(?:on|over|at|during) the weekend\b", _weekend),
    (rf"\b{_COUNT} {_UNIT} ago\b", _ago),
    (rf"\b{_COUNT} {_UNIT} from (?:now|today)\b", _ahead),
    (rf"\b(?<!with)in {_COUNT} {_UNIT}(?:'s?|' time)?(?! of\b)", _ahead),
)  # fmt: skip
READERS: Final = tuple((re.compile(pattern, re.IGNORECASE), reader) for pattern, reader in _ROWS)
