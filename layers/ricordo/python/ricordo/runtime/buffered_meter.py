from collections import Counter
from datetime import date
from threading import Lock

from ricordo.domain.errors import UnavailableError
from ricordo.domain.ids import ProjectId
from ricordo.domain.usage import ModelUsage, UsageKind
from ricordo.ports.clock import Clock
from ricordo.ports.usage_meter import UsageMeter

_Total = tuple[ProjectId, str, UsageKind, date]


class BufferedMeter:
    """`ports.usage_meter.UsageMeter` that hands on the sums of a while: a search is not worth a write of its own.

    What was counted since is lost with the process, unless it is closed.
    """

    def __init__(self, meter: UsageMeter, *, clock: Clock, hold_s: float = 60.0) -> None:
        self._meter = meter
        self._clock = clock
        self._hold_s = hold_s
        self._held: dict[_Total, Counter[str]] = {}
        self._since = clock.now()
        self._lock = Lock()

    def record(self, project_id: ProjectId, usage: ModelUsage) -> None:
        counts = {
            "requests": usage.requests,
            "input_tokens": usage.input_tokens,
            "output_tokens": usage.output_tokens,
        }
        with self._lock:
            self._held.setdefault((project_id, usage.model_id, usage.kind, usage.day), Counter()).update(counts)
            is_time = (self._clock.now() - self._since).total_seconds() >= self._hold_s
        if is_time:
            self.flush()

    def totals(self, project_id: ProjectId, since: date) -> list[ModelUsage]:
        self.flush()
        return self._meter.totals(project_id, since)

    def flush(self) -> None:
        """Hand on what is held; what the store does not take now is held further."""
        with self._lock:
            held, self._held = self._held, {}
            self._since = self._clock.now()
        for (project_id, model_id, kind, day), counts in held.items():
            try:
                self._meter.record(project_id, ModelUsage(model_id=model_id, kind=kind, day=day, **counts))
            except UnavailableError:
                with self._lock:
                    self._held.setdefault((project_id, model_id, kind, day), Counter()).update(counts)
