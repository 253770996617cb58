"""Carry out an import: read, take in, follow to the end.

Whatever a line becomes has an id derived from what the line says. So a line that was taken in before is
recognised, and an interrupted import is continued by running it again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.ids import ProjectId
from ricordo.local.transfer.lines import Conversation, LineDefaults, read_line
from ricordo.local.transfer.numbered_lines import NumberedLine
from ricordo.local.transfer.open_events import OpenEvents
from ricordo.ports.archive import ArchivedMemory
from ricordo.runtime.services import Services
from ricordo.usecases.import_add import import_add
from ricordo.usecases.import_statements import Statement, import_statements
from ricordo.usecases.restore_memories import restore_memories

BATCH = 64
_MOST_OPEN = 200


@dataclass(slots=True)
class ImportTally:
    """What has become of the lines so far.

    Attributes:
        lines: Lines read, blank ones not counted.
        conversations: Conversations taken in for the first time.
        memories: Memories that are new: taken from conversations, stated or restored.
        known: Lines that had been taken in before, or state what is already known.
        failed: Conversations that could not be worked on; their events say why.
        bad: Lines that were refused.
        still_open: Conversations taken in and not yet worked on.
    """

    lines: int = 0
    conversations: int = 0
    memories: int = 0
    known: int = 0
    failed: int = 0
    bad: int = 0
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
        self._services = services
        self._project_id = project_id
        self._defaults = defaults
        self._waits = waits
        self._on_refused = on_refused
        self._is_stopped = is_stopped
        self._open = OpenEvents(services, project_id, is_stopped=is_stopped, on_waiting=on_waiting)
        self._statements: list[Statement] = []
        self._archived: list[ArchivedMemory] = []

    def run(self, lines: Iterable[NumberedLine], *, on_line: Callable[[NumberedLine], None]) -> ImportTally:
        """Take all lines in and, where it is to wait, see their events through."""
        for line in lines:
            if self._is_stopped():
                break
            self.tally.lines += 1
            self._take(line)
            on_line(line)
        self._flush_statements()
        self._flush_archived()
        if self._waits:
            self._open.settle(at_most=0)
        self._count_events()
        return self.tally

    def _take(self, line: NumberedLine) -> None:
        try:
            read = read_line(line.text, self._defaults, self._project_id)
        except InvalidRequestError as error:
            self.tally.bad += 1
            self._on_refused(line.number, error.message)
            return
        match read:
            case Conversation():
                self._take_conversation(read)
            case Statement():
                self._statements.append(read)
                self._flush_statements(at_least=BATCH)
            case ArchivedMemory():
                self._archived.append(read)
                self._flush_archived(at_least=BATCH)

    def _take_conversation(self, conversation: Conversation) -> None:
        wired = self._services
        event, is_new = import_add(
            conversation.request,
            project_id=self._project_id,
            fingerprint=conversation.fingerprint,
            events=wired.events,
            owners=wired.owners,
            ingestion=wired.ingestion,
            clock=wired.clock,
        )
        self.tally.conversations += is_new
        self.tally.known += not is_new
        if self._waits:
            self._open.add(event)
            self._open.settle(at_most=_MOST_OPEN)
        else:
            self.tally.still_open += not event.status.is_final

    def _flush_statements(self, *, at_least: int = 1) -> None:
        if len(self._statements) < at_least:
            return
        wired = self._services
        new = import_statements(
            self._statements,
            project_id=self._project_id,
            archive=wired.archive,
            memories=wired.memories,
            owners=wired.owners,
            embedder=wired.workbench.embedder,
            clock=wired.clock,
        )
        self._count(len(self._statements), new)
        self._statements.clear()

    def _flush_archived(self, *, at_least: int = 1) -> None:
        if len(self._archived) < at_least:
            return
        wired = self._services
        new = restore_memories(
            self._archived,
            project_id=self._project_id,
            archive=wired.archive,
            owners=wired.owners,
            embedder=wired.workbench.embedder,
            clock=wired.clock,
        )
        self._count(len(self._archived), new)
        self._archived.clear()

    def _count(self, taken: int, new: int) -> None:
        self.tally.memories += new
        self.tally.known += taken - new

    def _count_events(self) -> None:
        self.tally.memories += self._open.memories
        self.tally.failed += self._open.failed
        self.tally.still_open += len(self._open)
