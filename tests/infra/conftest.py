"""The stages, each synthesized once."""

import pytest
from support.templates import STAGES, Synthesized, synthesized


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> Synthesized:
    """Give every stage in turn."""
    return synthesized(request.param)
