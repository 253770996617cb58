"""Which models embed and extract, as the settings say; each is imported only if it is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.model_calls import Patience
from ricordo.ports.clock import Clock
from ricordo.ports.embedder import Embedder
from ricordo.ports.extractor import Extractor
from ricordo.ports.usage_meter import UsageMeter
from ricordo.runtime.first_use import at_first_use
from ricordo.runtime.settings import Settings, variable_of
from ricordo.usecases.work_on_event import Pace

# An add waits for this, so one text must not take long; sixteen, which an event embeds at once, stay within its lease.
_ADDING: Final = Patience(budget_s=4.0, text_s=0.5)
_ASKING: Final = Patience(budget_s=2.0, attempts=2)
_NEEDED: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("embedder", "openai"): ("openai_url", "embedder_model", "embedder_dimensions"),
    ("extractor", "bedrock"): ("extractor_model",),
    ("extractor", "openai"): ("extractor_model", "openai_url"),
}


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a process, each made at its first use.

    Attributes:
        adding: Embeds what is added.
        asking: Embeds questions, and gives up on a model sooner.
    """

    adding: Embedder
    asking: Embedder
    extractor: Extractor


def models_of(settings: Settings, *, meter: UsageMeter, clock: Clock) -> Models:
    """Return the models of these settings.

    Raises:
        InvalidRequestError: a setting that one of them needs is missing.
    """
    for role in ("embedder", "extractor"):
        for name in _NEEDED.get((role, getattr(settings, role)), ()):
            if not getattr(settings, name):
                raise InvalidRequestError(f"{variable_of(name)} is needed for this choice of model; set it.")
    adding = at_first_use(lambda: embedder_of(settings, meter=meter, clock=clock))
    asking = at_first_use(lambda: embedder_of(settings, meter=meter, clock=clock, patience=_ASKING))
    extractor = at_first_use(lambda: extractor_of(settings, meter=meter, clock=clock))
    return Models(adding, adding if settings.embedder == "builtin" else asking, extractor)


def embedder_of(settings: Settings, *, meter: UsageMeter, clock: Clock, patience: Patience = _ADDING) -> Embedder:
    """Make the embedder of these settings."""
    if settings.embedder == "bedrock":
        from ricordo.adapters.bedrock.embedder import TITAN_V2, TitanEmbedder  # noqa: PLC0415

        titan_id = settings.embedder_model or TITAN_V2
        dimensions = settings.embedder_dimensions or 1024
        return TitanEmbedder(
            _bedrock(), clock=clock, meter=meter, titan_id=titan_id, dimensions=dimensions, patience=patience
        )
    if settings.embedder == "openai":
        from ricordo.adapters.openai_compatible.embedder import OpenAIEmbedder  # noqa: PLC0415

        model, dimensions = settings.embedder_model, settings.embedder_dimensions
        return OpenAIEmbedder(
            _openai(settings), model=model, clock=clock, meter=meter, dimensions=dimensions, patience=patience
        )
    from ricordo.adapters.builtin.embedder import MiniLMEmbedder  # noqa: PLC0415

    return MiniLMEmbedder(threads=settings.embedder_threads)


def extractor_of(settings: Settings, *, meter: UsageMeter, clock: Clock) -> Extractor:
    """Make the extractor of these settings."""
    if settings.extractor == "bedrock":
        from ricordo.adapters.bedrock.extractor import ConverseExtractor  # noqa: PLC0415

        return ConverseExtractor(_bedrock(), model_id=settings.extractor_model, clock=clock, meter=meter)
    if settings.extractor == "openai":
        from ricordo.adapters.openai_compatible.extractor import OpenAIExtractor  # noqa: PLC0415

        return OpenAIExtractor(_openai(settings), model=settings.extractor_model, clock=clock, meter=meter)
    from ricordo.adapters.builtin.extractor import RuleExtractor  # noqa: PLC0415

    return RuleExtractor()


def pace_of(settings: Settings) -> Pace:
    """Return how long an extraction may take: rules are quick, a model answers as it pleases."""
    return Pace() if settings.extractor == "rules" else Pace(at_least_s=180.0, chars_a_second=100.0)


@cache
def _bedrock() -> Any:
    """Return the one client of all models: they share its connections."""
    from ricordo.adapters.bedrock.client import bedrock_client  # noqa: PLC0415
    from ricordo.runtime.aws_clients import region, session  # noqa: PLC0415

    with session() as ours:
        return bedrock_client(region=region(), session=ours)


def _openai(settings: Settings) -> Any:
    from ricordo.adapters.openai_compatible.model_server import ModelServer  # noqa: PLC0415

    return ModelServer(settings.openai_url, api_key=settings.openai_api_key)
