"""DynamoDB tables, on moto in this process and, with `--engines`, on DynamoDB Local."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.dynamodb_bench import Bench, BenchOpener, engine_bench, moto_bench
from support.dynamodb_stores import engine_cloud


@pytest.fixture(scope="session", params=["moto", pytest.param("engines", marks=pytest.mark.engines)])
def open_bench(request: pytest.FixtureRequest) -> Iterator[BenchOpener]:
    """Open an empty table, as often as called."""
    with ExitStack() as stack:
        if request.param == "moto":
            yield moto_bench
        else:
            cloud = stack.enter_context(engine_cloud())
            yield lambda: engine_bench(cloud)


@pytest.fixture
def bench(open_bench: BenchOpener) -> Iterator[Bench]:
    """Open an empty table."""
    with open_bench() as opened:
        yield opened
