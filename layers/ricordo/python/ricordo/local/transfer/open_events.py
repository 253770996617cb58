from collections import deque
from collections.abc import Callable
from time import monotonic, sleep

from ricordo.domain.event import Event, EventStatus
from ricordo.domain.ids import EventId, ProjectId
from ricordo.local.server_lock import is_served
from ricordo.runtime.services import Services
from ricordo.runtime.tasks import work_once

_POLL_S = 0.05
_PATIENCE_S = 3.0
_SILENCE_S = 60.0


class OpenEvents:
    """Events that were taken in and have not ended yet.

    A server that runs on the folder works on them; where none does, this process does. Leases let both.
    """

    def __init__(
        self,
        services: Services,
        project_id: ProjectId,
        *,
        is_stopped: Callable[[], bool],
        on_waiting: Callable[[int], None],
    ) -> None:
        self._services = services
        self._project_id = project_id
        self._is_stopped = is_stopped
        self._on_waiting = on_waiting
        self._moved_at = monotonic()
        self._open: deque[EventId] = deque()
        self.memories = 0
        self.failed = 0

    def __len__(self) -> int:
        return len(self._open)

    def add(self, event: Event) -> None:
        """Follow an event."""
        if event.status.is_final:
            self.failed += event.status is EventStatus.FAILED
        else:
            self._open.append(event.event_id)

    def settle(self, *, at_most: int) -> None:
        """Work or wait until at most so many are open, or it is time to stop."""
        self._moved_at = monotonic()
        while len(self._open) > at_most and not self._is_stopped():
            event = self._services.events.get(self._project_id, self._open[0])
            if event.status.is_final:
                self._open.popleft()
                self.memories += len(event.results)
                self.failed += event.status is EventStatus.FAILED
                self._moved_at = monotonic()
            elif is_served(self._services.settings.data_dir) or not work_once(self._services):
                self._wait()

    def _wait(self) -> None:
        """Wait a moment; where it takes long, e.g. for the lease of a killed process to end, say so."""
        if monotonic() - self._moved_at > _PATIENCE_S:
            self._on_waiting(len(self._open))
            self._moved_at = monotonic() + _SILENCE_S
        sleep(_POLL_S)
