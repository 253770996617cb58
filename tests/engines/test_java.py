"""Where no Java fits, one is fetched, and it is enough."""

from contextlib import ExitStack

import pytest

from engines import dynamodb_local, gremlin_server, opensearch_node
from engines.java import VERSIONS, java_for

pytestmark = pytest.mark.engines


def test_the_fetched_java_runs_every_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """GIVEN a machine without Java WHEN the engines are started THEN they run, on one that was fetched."""
    monkeypatch.setenv("RICORDO_ENGINES_JAVA", "")
    assert {java_for(engine).major for engine in VERSIONS} == {21}
    with ExitStack() as started:
        for start in (dynamodb_local, gremlin_server, opensearch_node):
            started.enter_context(start())
