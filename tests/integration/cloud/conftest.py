"""The AWS profile in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cloud_house import CloudHouse, open_cloud_house


@pytest.fixture
def cloud_house(tmp_path: Path) -> Iterator[CloudHouse]:
    """A house over an empty table, with empty projections."""
    with open_cloud_house(tmp_path) as house:
        yield house
