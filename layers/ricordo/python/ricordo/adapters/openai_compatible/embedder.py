import base64
from collections.abc import Sequence
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ricordo.adapters.openai_compatible.errors import GARBLED
from ricordo.adapters.openai_compatible.model_server import ModelServer
from ricordo.domain.errors import EmbedderUnavailableError
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Vector
from ricordo.domain.model_calls import Attempts, CallFailedError, Meaning, Patience
from ricordo.domain.model_text import cut_text, sendable
from ricordo.domain.unit_vectors import unit_vector, vector_of_nothing
from ricordo.domain.usage import UsageKind, UsageTally, token_count
from ricordo.ports.clock import Clock
from ricordo.ports.usage_meter import UsageMeter

_OTHER_LENGTH: Final = Meaning("The embedding model's vectors are of another length than those before or than set.")
_BATCH_TEXTS: Final = 32
_PROBE: Final = "ready"


class OpenAIEmbedder:
    """`ports.embedder.Embedder` by a server with OpenAI's `/embeddings`.

    Vectors are brought to unit length here. A blank text is not sent, no server takes it.
    """

    def __init__(
        self,
        server: ModelServer,
        *,
        model: str,
        clock: Clock,
        meter: UsageMeter,
        dimensions: int | None = None,
        asks_for_dimensions: bool = False,
        max_text_tokens: int = 8_000,
        patience: Patience | None = None,
    ) -> None:
        """Take what the server is asked for.

        With `dimensions` every vector must have that length; without, the first answer decides. Only some
        models can be asked for a length (`asks_for_dimensions`).
        """
        self._server = server
        self._model = model
        self._clock = clock
        self._meter = meter
        self._set_dimensions = dimensions
        self._dimensions = dimensions or 0  # until the first answer
        self._asked = {"dimensions": dimensions} if dimensions and asks_for_dimensions else {}
        self._max_text_tokens = max_text_tokens
        self._patience = patience or Patience()
        self._lock = Lock()

    @property
    def model_id(self) -> str:
        return f"{self._model}/{self._set_dimensions}" if self._set_dimensions else self._model

    @property
    def dimensions(self) -> int:
        if not self._dimensions:
            self.embed([_PROBE])
        return self._dimensions

    def embed(self, texts: Sequence[str], *, project_id: ProjectId | None = None) -> NDArray[np.float32]:
        tally = UsageTally(self._model, UsageKind.EMBED)
        sent = {text: cut_text(sendable(text).strip(), self._max_text_tokens) for text in texts}
        try:
            vectors = self._vectors([text for text in dict.fromkeys(sent.values()) if text], tally)
        except CallFailedError as error:
            raise EmbedderUnavailableError(error.message) from error
        finally:
            if project_id is not None:
                tally.report(self._meter.record, project_id, day=self._clock.now().date())
        blank = vector_of_nothing(self.dimensions)
        rows = [vectors.get(sent[text], blank) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), blank.size)

    def _vectors(self, texts: Sequence[str], tally: UsageTally) -> dict[str, Vector]:
        patience = self._patience.for_texts(len(texts))
        attempts = Attempts(patience, now=self._clock.now, sleep=self._clock.sleep)
        found: dict[str, Vector] = {}
        for start in range(0, len(texts), _BATCH_TEXTS):
            batch = texts[start : start + _BATCH_TEXTS]
            request = {"model": self._model, "input": batch, "encoding_format": "float", **self._asked}
            answer = self._server.post("embeddings", request, attempts)
            usage = answer.get("usage")
            tally.add(input_tokens=token_count(usage.get("prompt_tokens")) if isinstance(usage, dict) else 0)
            found.update(zip(batch, self._in_order(answer, len(batch)), strict=True))
        return found

    def _in_order(self, answer: dict[str, Any], count: int) -> list[Vector]:
        """Return the vectors by their `index`, which must number the texts."""
        try:
            rows = {row["index"]: unit_vector(_numbers(row["embedding"])) for row in answer["data"]}
            vectors = [rows[index] for index in range(count)]
        except (KeyError, TypeError, ValueError) as error:
            raise CallFailedError(GARBLED) from error
        if len(answer["data"]) != count:
            raise CallFailedError(GARBLED)
        with self._lock:
            self._dimensions = self._dimensions or vectors[0].size
        if any(vector.size != self._dimensions for vector in vectors):
            raise CallFailedError(_OTHER_LENGTH)
        return vectors


def _numbers(raw: object) -> object:
    """Unpack little-endian float32 in base64, in which some servers answer whatever they were asked for."""
    return np.frombuffer(base64.b64decode(raw, validate=True), "<f4") if isinstance(raw, str) else raw
