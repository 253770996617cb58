import json
from typing import Any, Final

from ricordo.adapters.openai_compatible.errors import GARBLED
from ricordo.adapters.openai_compatible.model_server import ModelServer, RequestRefusedError
from ricordo.domain.episode import Episode
from ricordo.domain.extraction_answer import MalformedAnswerError
from ricordo.domain.extraction_prompt import Prompt, answer_schema
from ricordo.domain.fact import Extraction
from ricordo.domain.model_calls import Attempts, CallFailedError, Patience, extraction_failure
from ricordo.domain.model_extraction import AnswerTooLongError, AnswerWithheldError, extract_by_model
from ricordo.domain.usage import UsageKind, UsageTally, token_count
from ricordo.ports.clock import Clock
from ricordo.ports.usage_meter import UsageMeter

_BY_SCHEMA: Final = {
    "type": "json_schema",
    "json_schema": {"name": "facts", "strict": True, "schema": answer_schema(is_closed=True)},
}
_ANY_JSON: Final = {"type": "json_object"}


class OpenAIExtractor:
    """`ports.extractor.Extractor` by a server with OpenAI's `/chat/completions`.

    It is asked for JSON by a schema, or just for JSON where it refuses that; and without an option that it
    says it does not take, for as long as this object lives.
    """

    def __init__(
        self,
        server: ModelServer,
        *,
        model: str,
        clock: Clock,
        meter: UsageMeter,
        max_output_tokens: int = 4_096,
        temperature: float | None = 0.0,
        parallel_calls: int = 1,
        patience: Patience | None = None,
    ) -> None:
        self._server = server
        self._model = model
        self._clock = clock
        self._meter = meter
        self._options: dict[str, object] = {"max_tokens": max_output_tokens, "response_format": _BY_SCHEMA}
        if temperature is not None:
            self._options["temperature"] = temperature
        self._parallel_calls = parallel_calls
        self._patience = patience or Patience(budget_s=120.0)

    def extract(self, episode: Episode) -> Extraction:
        tally = UsageTally(self._model, UsageKind.EXTRACT)
        try:
            return extract_by_model(
                episode, lambda prompt: self._ask(prompt, tally), parallel_calls=self._parallel_calls
            )
        except CallFailedError as error:
            raise extraction_failure(error) from error
        finally:
            tally.report(self._meter.record, episode.project_id, day=self._clock.now().date())

    def _ask(self, prompt: Prompt, tally: UsageTally) -> object:
        answer = self._complete(prompt, Attempts(self._patience, now=self._clock.now, sleep=self._clock.sleep))
        usage = answer.get("usage")
        counts = usage if isinstance(usage, dict) else {}
        tally.add(
            input_tokens=token_count(counts.get("prompt_tokens")),
            output_tokens=token_count(counts.get("completion_tokens")),
        )
        return _json_in(_content(answer))

    def _complete(self, prompt: Prompt, attempts: Attempts) -> dict[str, Any]:
        messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.request}]
        options = self._options
        while True:
            request = {"model": self._model, "messages": messages, **options}
            try:
                answer = self._server.post("chat/completions", request, attempts)
            except RequestRefusedError as error:
                options = _less_demanding(options, error)
            else:
                self._options = options
                return answer


def _less_demanding(options: dict[str, object], refusal: RequestRefusedError) -> dict[str, object]:
    """Return fewer options than were refused; with nothing left to give up, the refusal stands."""
    if refusal.parameter in options and refusal.parameter != "response_format":
        return {name: value for name, value in options.items() if name != refusal.parameter}
    if options.get("response_format") == _BY_SCHEMA:
        return {**options, "response_format": _ANY_JSON}
    if "response_format" in options and refusal.parameter == "response_format":
        return {name: value for name, value in options.items() if name != "response_format"}
    raise refusal


def _content(answer: dict[str, Any]) -> str:
    try:
        choice = answer["choices"][0]
        message, reason = choice["message"], choice.get("finish_reason")
        content, refusal = message.get("content"), message.get("refusal")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise CallFailedError(GARBLED) from error
    if reason == "length":
        raise AnswerTooLongError
    if reason == "content_filter" or refusal:
        raise AnswerWithheldError
    if not isinstance(content, str):
        raise MalformedAnswerError("It has no text.")
    return content


def _json_in(content: str) -> object:
    """Read the JSON object of an answer, which a model may wrap into words or a code block."""
    start, end = content.find("{"), content.rfind("}")
    try:
        return json.loads(content[start : end + 1])
    except (ValueError, RecursionError) as error:
        raise MalformedAnswerError("It is not JSON.") from error
