from typing import Any, Final

from ricordo.adapters.bedrock.errors import translated
from ricordo.domain.episode import Episode
from ricordo.domain.extraction_answer import MalformedAnswerError
from ricordo.domain.extraction_prompt import Prompt, answer_schema
from ricordo.domain.fact import Extraction
from ricordo.domain.model_calls import Attempts, CallFailedError, Patience, extraction_failure
from ricordo.domain.model_extraction import AnswerTooLongError, AnswerWithheldError, extract_by_model
from ricordo.domain.usage import UsageKind, UsageTally, token_count
from ricordo.ports.clock import Clock
from ricordo.ports.usage_meter import UsageMeter

_TOOL: Final = "note_facts"
_TOOLS: Final = {
    "tools": [
        {
            "toolSpec": {
                "name": _TOOL,
                "description": "Note the facts of the conversation.",
                "inputSchema": {"json": answer_schema(is_closed=False)},
            }
        }
    ],
    "toolChoice": {"tool": {"name": _TOOL}},
}
_CUT_OFF: Final = frozenset(("max_tokens", "model_context_window_exceeded"))
_WITHHELD: Final = frozenset(("guardrail_intervened", "content_filtered"))


class ConverseExtractor:
    """`ports.extractor.Extractor` by any model behind Bedrock's Converse that can be made to use a tool.

    https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
    """

    def __init__(
        self,
        client: Any,
        *,
        model_id: str,
        clock: Clock,
        meter: UsageMeter,
        max_output_tokens: int = 4_096,
        temperature: float | None = 0.0,
        parallel_calls: int = 4,
        patience: Patience | None = None,
    ) -> None:
        self._client = client
        self._model_id = model_id
        self._clock = clock
        self._meter = meter
        self._inference = {"maxTokens": max_output_tokens} | (
            {} if temperature is None else {"temperature": temperature}
        )
        self._parallel_calls = parallel_calls
        self._patience = patience or Patience(budget_s=60.0)

    def extract(self, episode: Episode) -> Extraction:
        tally = UsageTally(self._model_id, UsageKind.EXTRACT)
        try:
            return extract_by_model(
                episode, lambda prompt: self._ask(prompt, tally), parallel_calls=self._parallel_calls
            )
        except CallFailedError as error:
            raise extraction_failure(error) from error
        finally:
            tally.report(self._meter.record, episode.project_id, day=self._clock.now().date())

    def _ask(self, prompt: Prompt, tally: UsageTally) -> object:
        attempts = Attempts(self._patience, now=self._clock.now, sleep=self._clock.sleep)
        answer = attempts.make(lambda: self._converse(prompt))
        usage = answer["usage"]
        tally.add(
            input_tokens=token_count(usage.get("inputTokens")), output_tokens=token_count(usage.get("outputTokens"))
        )
        return _noted(answer)

    def _converse(self, prompt: Prompt) -> dict[str, Any]:
        with translated():
            answer: dict[str, Any] = self._client.converse(
                modelId=self._model_id,
                system=[{"text": prompt.system}],
                messages=[{"role": "user", "content": [{"text": prompt.request}]}],
                inferenceConfig=self._inference,
                toolConfig=_TOOLS,
            )
        return answer


def _noted(answer: dict[str, Any]) -> object:
    """Return what the model gave to the tool."""
    if answer["stopReason"] in _CUT_OFF:
        raise AnswerTooLongError
    if answer["stopReason"] in _WITHHELD:
        raise AnswerWithheldError
    for block in answer["output"]["message"]["content"]:
        if block.get("toolUse", {}).get("name") == _TOOL:
            return block["toolUse"]["input"]
    raise MalformedAnswerError(f"It does not use the tool {_TOOL}.")
