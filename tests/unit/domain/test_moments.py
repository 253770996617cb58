"""Dates and times: what is read, what is refused, and that nothing is lost on the way."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ricordo.domain.errors import InvalidMomentError
from ricordo.domain.moments import as_utc, from_micros, iso, parse_moment, to_micros

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "start", "length"),
    [
        ("2026-01-01", NEW_YEAR, DAY),
        (" 2026-01-01\n", NEW_YEAR, DAY),
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC), DAY),
        ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC), DAY),
        ("2026-01-01T00:00:00", NEW_YEAR, TICK),
        ("2026-01-01T00:00:00Z", NEW_YEAR, TICK),
        ("2026-01-01T01:30:00+01:30", NEW_YEAR, TICK),
        ("2025-12-31T17:00:00.000000-07:00", NEW_YEAR, TICK),
        ("2026-01-01T00:00:00.000001Z", NEW_YEAR + TICK, TICK),
        (0, datetime(1970, 1, 1, tzinfo=UTC), TICK),
        (1767225600, NEW_YEAR, TICK),
        (1767225600.000001, NEW_YEAR + TICK, TICK),
        ("1767225600", NEW_YEAR, TICK),
        ("1767225600.5", NEW_YEAR + timedelta(seconds=0.5), TICK),
    ],
)
def test_a_moment_is_read(written: object, start: datetime, length: timedelta) -> None:
    """A date is its day in UTC, anything else one microsecond."""
    moment = parse_moment(written, "field")

    assert (moment.start, moment.end - moment.start) == (start, length)
    assert moment.is_date is (length == DAY)


@pytest.mark.parametrize("written", [
    None, True, [], {}, "", "today", "2026-13-01", "2026-02-29", "01/02/2026", "2026-1-1", "20260101T000000",
    "2026-01-01T25:00:00", "2026-01-01T00:00:00+25:00", -1, -0.1, 253_402_300_800, 1e300, float("nan"),
    float("inf"), 10**400, "12345678", "123456789012", "9999-12-31", "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00+01:00", "\uff12\uff10\uff12\uff16-01-01",
])  # fmt: skip
def test_anything_else_is_refused(written: object) -> None:
    """The refusal names the field and what to write."""
    with pytest.raises(InvalidMomentError, match=r"^expiration_date must be a date \(YYYY-MM-DD\)"):
        parse_moment(written, "expiration_date")


aware = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7)), timezone(timedelta(hours=5.75))])
).filter(lambda at: 2 < at.year < 9998)


@given(aware)
def test_microseconds_are_exact(at: datetime) -> None:
    """A time survives its way through the store to the microsecond."""
    assert from_micros(to_micros(at)) == at


@given(aware)
def test_iso_is_read_back(at: datetime) -> None:
    """What is written as ISO 8601 in UTC is read as the same time."""
    assert iso(at).endswith("Z")
    assert parse_moment(iso(at), "field").start == at


@given(aware)
def test_a_moment_in_any_spelling_is_an_interval(at: datetime) -> None:
    """Start comes before end, whatever was written."""
    for written in (at.isoformat(), at.date().isoformat(), max(at.timestamp(), 0)):
        moment = parse_moment(written, "field")
        assert moment.start < moment.end


def test_a_naive_time_is_utc() -> None:
    """A datetime without a zone means UTC."""
    assert as_utc(datetime(2026, 1, 1)) == NEW_YEAR  # noqa: DTZ001  the point of the test
