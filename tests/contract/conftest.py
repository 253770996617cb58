"""The backends each contract suite runs over; a new one joins as a param and an entry here."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from support.stores import Stores, sqlite_stores

OPENERS: dict[str, Callable[[Path], AbstractContextManager[Stores]]] = {"sqlite": sqlite_stores}


@pytest.fixture(params=sorted(OPENERS))
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    """Every port of one backend, empty."""
    with OPENERS[request.param](tmp_path / "ricordo.db") as opened:
        yield opened
