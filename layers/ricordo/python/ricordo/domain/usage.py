"""What a project's calls to models came to, in the units they are billed by."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from threading import Lock

from ricordo.domain.errors import UnavailableError
from ricordo.domain.ids import ProjectId


class UsageKind(StrEnum):
    """What a model was called for."""

    EMBED = "embed"
    EXTRACT = "extract"


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """Calls to one model on one day (UTC).

    Attributes:
        model_id: The model as its vendor names it.
        requests: Calls that were answered.
        input_tokens: As the answers say; a server that does not count leaves 0.
    """

    model_id: str
    kind: UsageKind
    requests: int
    input_tokens: int
    output_tokens: int
    day: date


class UsageTally:
    """Adds up the answers that one call of a port takes; several threads may add."""

    def __init__(self, model_id: str, kind: UsageKind) -> None:
        self._model_id = model_id
        self._kind = kind
        self._lock = Lock()
        self._requests = self._input_tokens = self._output_tokens = 0

    def add(self, *, input_tokens: int, output_tokens: int = 0) -> None:
        """Count one answer."""
        with self._lock:
            self._requests += 1
            self._input_tokens += input_tokens
            self._output_tokens += output_tokens

    def report(self, record: Callable[[ProjectId, ModelUsage], None], project_id: ProjectId, *, day: date) -> None:
        """Hand on the sum, if anything was answered; a store that is down loses a count, never the work counted."""
        if self._requests:
            usage = ModelUsage(self._model_id, self._kind, self._requests, self._input_tokens, self._output_tokens, day)
            with suppress(UnavailableError):
                record(project_id, usage)


def token_count(value: object) -> int:
    """Read a count out of a server's answer; what is none counts as 0."""
    return value if isinstance(value, int) and value > 0 else 0
