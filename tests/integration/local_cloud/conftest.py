"""An account in this process: an empty one, and our own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.small_account import Account, small_account
from support.whole_cloud import WholeCloud, open_whole_cloud


@pytest.fixture
def account() -> Iterator[Account]:
    """An empty account."""
    with small_account() as opened:
        yield opened


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[WholeCloud]:
    """Our account over an empty house."""
    with open_whole_cloud(tmp_path) as opened:
        yield opened
