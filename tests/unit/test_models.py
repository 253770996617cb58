"""Which models the settings choose."""

from typing import Any

import pytest
from support.clocks import FrozenClock
from support.meters import CountingMeter

from ricordo.adapters.bedrock.embedder import TitanEmbedder
from ricordo.adapters.bedrock.extractor import ConverseExtractor
from ricordo.adapters.builtin.embedder import MiniLMEmbedder
from ricordo.adapters.builtin.extractor import RuleExtractor
from ricordo.adapters.openai_compatible.embedder import OpenAIEmbedder
from ricordo.adapters.openai_compatible.extractor import OpenAIExtractor
from ricordo.domain.errors import InvalidRequestError
from ricordo.runtime.models import embedder_of, extractor_of, models_of, pace_of
from ricordo.runtime.settings import Settings

OPENAI: dict[str, Any] = {"openai_url": "http://127.0.0.1:1/v1", "embedder_model": "e", "extractor_model": "x"}


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a region, as a function of AWS does."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


@pytest.mark.parametrize(
    ("settings", "kind", "model_id"),
    [
        (Settings(), MiniLMEmbedder, "all-MiniLM-L6-v2-onnx-int8"),
        (Settings(embedder="bedrock"), TitanEmbedder, "amazon.titan-embed-text-v2:0/1024/normalised"),
        (
            Settings(embedder="bedrock", embedder_dimensions=256),
            TitanEmbedder,
            "amazon.titan-embed-text-v2:0/256/normalised",
        ),
        (Settings(embedder="openai", embedder_dimensions=8, **OPENAI), OpenAIEmbedder, "e/8"),
    ],
)
def test_an_embedder_is_chosen(settings: Settings, kind: type, model_id: str) -> None:
    """The one for questions is of the same model."""
    models = models_of(settings, meter=CountingMeter(), clock=FrozenClock())

    assert isinstance(embedder_of(settings, meter=CountingMeter(), clock=FrozenClock()), kind)
    assert models.adding.model_id == models.asking.model_id == model_id


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (Settings(), RuleExtractor),
        (Settings(extractor="bedrock", extractor_model="amazon.nova-lite-v1:0"), ConverseExtractor),
        (Settings(extractor="openai", **OPENAI), OpenAIExtractor),
    ],
)
def test_an_extractor_is_chosen(settings: Settings, kind: type) -> None:
    """Rules need no time to speak of; a model gets more than the lease of a worker."""
    assert isinstance(extractor_of(settings, meter=CountingMeter(), clock=FrozenClock()), kind)
    assert (pace_of(settings).longest_s(0) > 100) is (kind is not RuleExtractor)


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        (Settings(embedder="openai", embedder_model="e", embedder_dimensions=8), "RICORDO_OPENAI_URL"),
        (Settings(embedder="openai", embedder_dimensions=8, openai_url="http://x/v1"), "RICORDO_EMBEDDER_MODEL"),
        (Settings(embedder="openai", **OPENAI), "RICORDO_EMBEDDER_DIMENSIONS"),
    ],
)
def test_a_setting_that_an_embedder_needs_is_named(settings: Settings, missing: str) -> None:
    """The message says which variable to set."""
    with pytest.raises(InvalidRequestError, match=missing):
        models_of(settings, meter=CountingMeter(), clock=FrozenClock())


@pytest.mark.parametrize("extractor", ["bedrock", "openai"])
def test_an_extractor_needs_a_model(extractor: str) -> None:
    """There is no model that everybody may use."""
    with pytest.raises(InvalidRequestError, match="RICORDO_EXTRACTOR_MODEL"):
        models_of(Settings(extractor=extractor), meter=CountingMeter(), clock=FrozenClock())
