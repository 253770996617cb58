"""Lines taken into a project, the same way wherever they come from.

Whatever a line becomes has an id derived from what the line says. So a line that was taken in before is
recognised, and an interrupted import is continued by running it again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ricordo.domain.errors import InvalidRequestError, RequestTooLargeError
from ricordo.domain.event import Event
from ricordo.domain.ids import ProjectId
from ricordo.domain.import_report import IntakeTally
from ricordo.ports.archive import ArchivedMemory
from ricordo.runtime.services import Services
from ricordo.runtime.transfer.lines import Conversation, LineDefaults, read_line
from ricordo.runtime.transfer.numbered_lines import NumberedLine
from ricordo.usecases.import_add import import_add
from ricordo.usecases.import_statements import Statement, import_statements
from ricordo.usecases.restore_memories import restore_memories

BATCH = 64
Held = TypeVar("Held")


@dataclass(frozen=True, slots=True)
class Listener:
    """Whom to tell of a line that is refused, by its number and why, and of a conversation's event."""

    refused: Callable[[int, str], None]
    event: Callable[[Event], None] = lambda _event: None


@dataclass(slots=True)
class Intake:
    """Takes lines in: conversations one by one as events, statements and archived memories in batches."""

    services: Services
    project_id: ProjectId
    defaults: LineDefaults
    tally: IntakeTally
    listener: Listener
    _statements: list[tuple[int, Statement]] = field(default_factory=list)
    _archived: list[tuple[int, ArchivedMemory]] = field(default_factory=list)

    def take(self, line: NumberedLine) -> None:
        """Take a line in, or keep it for the batch it is in.

        Raises:
            UnavailableError: a part is down; the line may be taken again.
        """
        self.tally.lines += 1
        try:
            read = read_line(line.text, self.defaults, self.project_id)
        except InvalidRequestError as error:
            self._refuse(line.number, error.message)
            return
        match read:
            case Conversation():
                self._take_conversation(line.number, read)
            case Statement():
                self._statements.append((line.number, read))
            case ArchivedMemory():
                self._archived.append((line.number, read))
        self.flush(at_least=BATCH)

    def flush(self, *, at_least: int = 1) -> None:
        """Store the batches that hold so many lines."""
        if len(self._statements) >= at_least:
            self._store(self._statements, self._state)
            self._statements.clear()
        if len(self._archived) >= at_least:
            self._store(self._archived, self._restore)
            self._archived.clear()

    def _refuse(self, number: int, reason: str) -> None:
        self.tally.bad += 1
        self.listener.refused(number, reason)

    def _take_conversation(self, number: int, conversation: Conversation) -> None:
        wired = self.services
        try:
            event, is_new = import_add(
                conversation.request,
                project_id=self.project_id,
                fingerprint=conversation.fingerprint,
                events=wired.events,
                owners=wired.owners,
                ingestion=wired.ingestion,
                clock=wired.clock,
            )
        except RequestTooLargeError as error:
            self._refuse(number, error.message)
            return
        self.tally.conversations += is_new
        self.tally.known += not is_new
        self.listener.event(event)

    def _store(self, numbered: Sequence[tuple[int, Held]], store: Callable[[Sequence[Held]], int]) -> None:
        """Store a batch; where one of it is too large for the store, each alone, so that it holds up no other."""
        try:
            new = store([held for _number, held in numbered])
        except RequestTooLargeError as error:
            if len(numbered) == 1:
                self._refuse(numbered[0][0], error.message)
                return
            for one in numbered:
                self._store([one], store)
            return
        self.tally.memories += new
        self.tally.known += len(numbered) - new

    def _state(self, statements: Sequence[Statement]) -> int:
        wired = self.services
        return import_statements(
            statements,
            project_id=self.project_id,
            archive=wired.archive,
            memories=wired.memories,
            owners=wired.owners,
            embedder=wired.workbench.embedder,
            clock=wired.clock,
        )

    def _restore(self, archived: Sequence[ArchivedMemory]) -> int:
        wired = self.services
        return restore_memories(
            archived,
            project_id=self.project_id,
            archive=wired.archive,
            owners=wired.owners,
            embedder=wired.workbench.embedder,
            clock=wired.clock,
        )
