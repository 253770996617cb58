"""What every usage meter does."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.builders import OTHER_PROJECT, PROJECT
from support.stores import Stores

from ricordo.domain.usage import ModelUsage, UsageKind
from ricordo.ports.usage_meter import UsageMeter

DAY = date(2026, 3, 9)
USAGE = ModelUsage("amazon.titan-embed-text-v2:0", UsageKind.EMBED, 2, 30, 0, DAY)


@pytest.fixture
def usage_meter(stores: Stores) -> UsageMeter:
    """Each adapter of the port, empty."""
    return stores.usage


def test_nothing_recorded_is_nothing(usage_meter: UsageMeter) -> None:
    """A project whose calls were never counted has no totals."""
    assert usage_meter.totals(PROJECT, DAY) == []


def test_what_is_recorded_adds_up(usage_meter: UsageMeter) -> None:
    """Requests and tokens of one day, kind and model become one total."""
    usage_meter.record(PROJECT, USAGE)
    usage_meter.record(PROJECT, replace(USAGE, requests=1, input_tokens=5, output_tokens=7))

    assert usage_meter.totals(PROJECT, DAY) == [replace(USAGE, requests=3, input_tokens=35, output_tokens=7)]


def test_days_kinds_and_models_are_kept_apart_and_ordered(usage_meter: UsageMeter) -> None:
    """Totals come by day, then kind, then model; a model's id may hold any character."""
    wanted = [
        replace(USAGE, day=DAY - timedelta(days=1)),
        replace(USAGE, model_id="a#b/c"),
        USAGE,
        replace(USAGE, kind=UsageKind.EXTRACT, output_tokens=9),
    ]
    for usage in reversed(wanted):
        usage_meter.record(PROJECT, usage)

    assert usage_meter.totals(PROJECT, DAY - timedelta(days=1)) == wanted


def test_totals_begin_on_the_day_asked_for(usage_meter: UsageMeter) -> None:
    """The day named is included, those before it are not."""
    for days in range(3):
        usage_meter.record(PROJECT, replace(USAGE, day=DAY + timedelta(days=days)))

    assert [usage.day for usage in usage_meter.totals(PROJECT, DAY + timedelta(days=1))] == [
        DAY + timedelta(days=1),
        DAY + timedelta(days=2),
    ]


def test_projects_do_not_meet(usage_meter: UsageMeter) -> None:
    """What one project used is never another's."""
    usage_meter.record(PROJECT, USAGE)

    assert usage_meter.totals(OTHER_PROJECT, DAY) == []


def test_no_count_is_lost_among_threads(usage_meter: UsageMeter) -> None:
    """Records made at the same time all count."""
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: usage_meter.record(PROJECT, USAGE), range(20)))

    assert usage_meter.totals(PROJECT, DAY) == [replace(USAGE, requests=40, input_tokens=600)]
