"""The same questions asked of the embedded profile and of the AWS profile, over the same memories."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from support.engine_profile import EngineProfile

from benchmarks.quality.profiles import DEFAULT_THRESHOLD, agreement, store
from benchmarks.quality.question_sets import Conversation, read_own_sets
from ricordo.runtime.services import Services
from ricordo.runtime.settings import Settings
from ricordo.runtime.wiring import wire

pytestmark = pytest.mark.engines


@dataclass(frozen=True, slots=True)
class Both:
    """The project's own sets in both profiles."""

    conversations: list[Conversation]
    embedded: Services
    aws: Services


@pytest.fixture(scope="module")
def both(profile: EngineProfile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Store all four dialogues word for word in both."""
    conversations = read_own_sets()
    with closing(wire(Settings(data_dir=tmp_path_factory.mktemp("embedded")))) as embedded:
        for wired in (embedded, profile.services):
            store(conversations, wired)
        profile.project()
        yield Both(conversations, embedded, profile.services)


@pytest.mark.parametrize("top_k", [10, 20])
@pytest.mark.parametrize("threshold", [DEFAULT_THRESHOLD, 0.0])
def test_both_profiles_give_the_same_answers(both: Both, top_k: int, threshold: float) -> None:
    """Of the first ten results 95 % are the same, and neither profile finds more of the evidence than the other."""
    agreed = agreement(both.conversations, both.embedded, both.aws, top_k=top_k, threshold=threshold)
    print(agreed)  # noqa: T201  shown with -s, to see how close it is
    embedded, aws = agreed.recalls
    assert len(agreed.compared) == 164
    assert agreed.overlap >= 0.95, str(agreed)
    assert abs(embedded - aws) <= 0.01, str(agreed)
    assert embedded > 0.7, str(agreed)
