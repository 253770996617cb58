import json
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ricordo.adapters.bedrock.errors import GARBLED, INVALID, translated
from ricordo.domain.errors import EmbedderUnavailableError, InvalidRequestError
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Vector
from ricordo.domain.model_calls import Attempts, CallFailedError, Meaning, Patience, in_parallel
from ricordo.domain.model_text import cut_text, sendable, utf8_bytes
from ricordo.domain.unit_vectors import unit_vector, vector_of_nothing
from ricordo.domain.usage import UsageKind, UsageTally, token_count
from ricordo.ports.clock import Clock
from ricordo.ports.usage_meter import UsageMeter

TITAN_V2: Final = "amazon.titan-embed-text-v2:0"
DIMENSIONS: Final = (256, 512, 1024)
MAX_TOKENS: Final = 8_192  # its other limit, 50,000 characters, lies beyond that at any estimate
_OTHER_LENGTH: Final = Meaning("The embedding model answers with vectors of another length than it was asked for.")


class TitanEmbedder:
    """`ports.embedder.Embedder` by Amazon Titan Text Embeddings v2.

    https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html
    It takes one text a call, so the texts of one `embed` are sent side by side. A blank text is not sent.
    """

    def __init__(
        self,
        client: Any,
        *,
        clock: Clock,
        meter: UsageMeter,
        dimensions: int = 1024,
        titan_id: str = TITAN_V2,
        parallel_calls: int = 8,
        patience: Patience | None = None,
    ) -> None:
        if dimensions not in DIMENSIONS:
            raise InvalidRequestError(f"Titan v2 makes vectors of {', '.join(map(str, DIMENSIONS))} dimensions.")
        self._client = client
        self._clock = clock
        self._meter = meter
        self._dimensions = dimensions
        self._titan_id = titan_id
        self._parallel_calls = parallel_calls
        self._patience = patience or Patience()

    @property
    def model_id(self) -> str:
        return f"{self._titan_id}/{self._dimensions}/normalised"

    @property
    def dimensions(self) -> int:
        return self._dimensions

    def embed(self, texts: Sequence[str], *, project_id: ProjectId | None = None) -> NDArray[np.float32]:
        tally = UsageTally(self._titan_id, UsageKind.EMBED)
        patience = self._patience.for_texts(len(texts))
        attempts = Attempts(patience, now=self._clock.now, sleep=self._clock.sleep)
        try:
            rows = in_parallel(lambda text: self._vector(text, attempts, tally), texts, at_most=self._parallel_calls)
        except CallFailedError as error:
            raise EmbedderUnavailableError(error.message) from error
        finally:
            if project_id is not None:
                tally.report(self._meter.record, project_id, day=self._clock.now().date())
        return np.array(rows, np.float32).reshape(len(texts), self._dimensions)

    def _vector(self, text: str, attempts: Attempts, tally: UsageTally) -> Vector:
        sent = cut_text(sendable(text).strip(), MAX_TOKENS)
        if not sent:
            return vector_of_nothing(self._dimensions)
        try:
            return attempts.make(lambda: self._invoke(sent, tally))
        except CallFailedError as error:
            if error.meaning is not INVALID or utf8_bytes(sent) <= MAX_TOKENS:
                raise
        # It may have had more tokens than was guessed; it cannot have more than bytes.
        shorter = cut_text(sent, MAX_TOKENS, weigh=utf8_bytes)
        return attempts.make(lambda: self._invoke(shorter, tally))

    def _invoke(self, text: str, tally: UsageTally) -> Vector:
        request = {"inputText": text, "dimensions": self._dimensions, "normalize": True}
        with translated():
            response = self._client.invoke_model(
                modelId=self._titan_id,
                body=json.dumps(request),
                contentType="application/json",
                accept="application/json",
            )
            body = response["body"].read()
        try:
            answer = json.loads(body)
            vector = unit_vector(answer["embedding"])
        except (ValueError, TypeError, KeyError) as error:
            raise CallFailedError(GARBLED) from error
        tally.add(input_tokens=token_count(answer.get("inputTextTokenCount")))
        if vector.size != self._dimensions:
            raise CallFailedError(_OTHER_LENGTH)
        return vector
