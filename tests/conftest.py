"""Which tests run: those that need engines beside this process only with `--engines`, and then alone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from engines import Engine


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take `--engines`."""
    parser.addoption("--engines", action="store_true", help="run the tests that need engines, and only those")


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker."""
    config.addinivalue_line("markers", "engines: needs DynamoDB Local, OpenSearch or Gremlin Server beside it")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not asked for."""
    wanted = bool(config.getoption("engines"))
    left_out = [item for item in items if (item.get_closest_marker("engines") is not None) is not wanted]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@pytest.fixture(scope="session")
def search_node() -> Iterator["Engine"]:
    """One OpenSearch node for all tests that need one; each makes indexes of its own."""
    from engines import opensearch_node  # noqa: PLC0415  takes Java

    with opensearch_node() as node:
        yield node
