"""Which models embed and extract, as the settings say; each is imported only if it is chosen."""

from typing import Any, Final

from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.model_calls import Patience
from ricordo.ports.clock import Clock
from ricordo.ports.embedder import Embedder
from ricordo.ports.extractor import Extractor
from ricordo.ports.usage_meter import UsageMeter
from ricordo.runtime.settings import Settings, variable_of
from ricordo.usecases.work_on_event import Pace

# An add waits for this, so one text must not take long; sixteen, which an event embeds at once, stay within its lease.
_ADDING: Final = Patience(budget_s=4.0, text_s=0.5)
_ASKING: Final = Patience(budget_s=2.0, attempts=2)


def embedders_of(settings: Settings, *, meter: UsageMeter, clock: Clock) -> tuple[Embedder, Embedder]:
    """Return the embedder for what is added, and the one for questions, which gives up on a model sooner.

    Raises:
        InvalidRequestError: a setting it needs is missing.
    """
    adding = embedder_of(settings, meter=meter, clock=clock)
    if settings.embedder == "builtin":
        return adding, adding
    return adding, embedder_of(settings, meter=meter, clock=clock, patience=_ASKING)


def embedder_of(settings: Settings, *, meter: UsageMeter, clock: Clock, patience: Patience = _ADDING) -> Embedder:
    """Return the embedder of these settings.

    Raises:
        InvalidRequestError: a setting it needs is missing.
    """
    if settings.embedder == "bedrock":
        from ricordo.adapters.bedrock.embedder import TITAN_V2, TitanEmbedder  # noqa: PLC0415

        titan_id = settings.embedder_model or TITAN_V2
        dimensions = settings.embedder_dimensions or 1024
        return TitanEmbedder(
            _bedrock(), clock=clock, meter=meter, titan_id=titan_id, dimensions=dimensions, patience=patience
        )
    if settings.embedder == "openai":
        from ricordo.adapters.openai_compatible.embedder import OpenAIEmbedder  # noqa: PLC0415

        model, dimensions = _required(settings, "embedder_model"), int(_required(settings, "embedder_dimensions"))
        return OpenAIEmbedder(
            _openai(settings), model=model, clock=clock, meter=meter, dimensions=dimensions, patience=patience
        )
    from ricordo.adapters.builtin.embedder import MiniLMEmbedder  # noqa: PLC0415

    return MiniLMEmbedder(threads=settings.embedder_threads)


def extractor_of(settings: Settings, *, meter: UsageMeter, clock: Clock) -> Extractor:
    """Return the extractor of these settings.

    Raises:
        InvalidRequestError: a setting it needs is missing.
    """
    if settings.extractor == "bedrock":
        from ricordo.adapters.bedrock.extractor import ConverseExtractor  # noqa: PLC0415

        return ConverseExtractor(_bedrock(), model_id=_required(settings, "extractor_model"), clock=clock, meter=meter)
    if settings.extractor == "openai":
        from ricordo.adapters.openai_compatible.extractor import OpenAIExtractor  # noqa: PLC0415

        model = _required(settings, "extractor_model")
        return OpenAIExtractor(_openai(settings), model=model, clock=clock, meter=meter)
    from ricordo.adapters.builtin.extractor import RuleExtractor  # noqa: PLC0415

    return RuleExtractor()


def pace_of(settings: Settings) -> Pace:
    """Return how long an extraction may take: rules are quick, a model answers as it pleases."""
    return Pace() if settings.extractor == "rules" else Pace(at_least_s=180.0, chars_a_second=100.0)


def _required(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    if not value:
        raise InvalidRequestError(f"{variable_of(name)} is needed for this choice of model; set it.")
    return str(value)


def _bedrock() -> Any:
    from ricordo.adapters.bedrock.client import bedrock_client  # noqa: PLC0415
    from ricordo.runtime.aws_clients import region  # noqa: PLC0415

    return bedrock_client(region=region())


def _openai(settings: Settings) -> Any:
    from ricordo.adapters.openai_compatible.model_server import ModelServer  # noqa: PLC0415

    return ModelServer(_required(settings, "openai_url"), api_key=settings.openai_api_key)
