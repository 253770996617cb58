"""Carry out an import: read, take in, follow to the end."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ricordo.domain.event import Event
from ricordo.domain.ids import ProjectId
from ricordo.domain.import_report import IntakeTally
from ricordo.local.transfer.open_events import OpenEvents
from ricordo.runtime.services import Services
from ricordo.runtime.transfer.intake import Intake, Listener
from ricordo.runtime.transfer.lines import LineDefaults
from ricordo.runtime.transfer.numbered_lines import NumberedLine

_MOST_OPEN = 200


@dataclass(slots=True)
class ImportTally(IntakeTally):
    """What has become of the lines so far; `memories` counts those taken from conversations too.

    Attributes:
        failed: Conversations that could not be worked on; their events say why.
        still_open: Conversations taken in and not yet worked on.
    """

    failed: int = 0
    still_open: int = 0


class Import:
    """One run of an import into a project."""

    def __init__(
        self,
        services: Services,
        project_id: ProjectId,
        defaults: LineDefaults,
        *,
        waits: bool,
        on_refused: Callable[[int, str], None],
        on_waiting: Callable[[int], None],
        is_stopped: Callable[[], bool],
    ) -> None:
        self.tally = ImportTally()
        self._intake = Intake(services, project_id, defaults, self.tally, Listener(on_refused, self._follow))
        self._waits = waits
        self._is_stopped = is_stopped
        self._open = OpenEvents(services, project_id, is_stopped=is_stopped, on_waiting=on_waiting)

    def run(self, lines: Iterable[NumberedLine], *, on_line: Callable[[NumberedLine], None]) -> ImportTally:
        """Take all lines in and, where it is to wait, see their events through."""
        for line in lines:
            if self._is_stopped():
                break
            self._intake.take(line)
            on_line(line)
        self._intake.flush()
        if self._waits:
            self._open.settle(at_most=0)
        self.tally.memories += self._open.memories
        self.tally.failed += self._open.failed
        self.tally.still_open += len(self._open)
        return self.tally

    def _follow(self, event: Event) -> None:
        if self._waits:
            self._open.add(event)
            self._open.settle(at_most=_MOST_OPEN)
        else:
            self.tally.still_open += not event.status.is_final
