"""Collect statements while an episode is read, and finish them into facts."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ricordo.adapters.builtin.extraction import verbs
from ricordo.adapters.builtin.extraction.dates import date_statement
from ricordo.adapters.builtin.extraction.echoes import Echoes
from ricordo.adapters.builtin.extraction.entities import entities_of
from ricordo.adapters.builtin.extraction.persons import Cast
from ricordo.adapters.builtin.extraction.relations import relations_of
from ricordo.adapters.builtin.extraction.statements import Statement
from ricordo.adapters.builtin.extraction.tokens import lower_first, normalised
from ricordo.domain.episode import Message, Role
from ricordo.domain.fact import Fact

_ROLE_NAMES: Final = frozenset(("User", "Assistant"))
_JOINED_CHARS: Final = 280
_JOINED_WORDS: Final = 24
_JOINED_MESSAGES: Final = 2
_JOINED_LATER_WORDS: Final = 8  # of what is joined to an earlier message
_DANGLING_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as it is being read; `is_answer` while its words answer a question."""

    index: int
    message: Message
    cast: Cast
    is_answer: bool = False
    is_opening: bool = True  # nothing of the message was heard before


@dataclass(slots=True)
class _Draft:
    text: str
    turn: Turn
    is_joined: bool = False  # a sentence was put behind it already


class Drafts:
    """The statements so far, each once."""

    def __init__(self, dropped: Counter[str]) -> None:
        self._drafts: list[_Draft] = []
        self._seen: set[str] = set()
        self._echoes = Echoes()
        self._dropped = dropped

    def add(self, turn: Turn, statement: Statement) -> None:
        """Take in a statement, join it to the one it hangs on, or count why not."""
        text = statement.text
        if statement.is_dangling and self._join(turn, statement):
            return
        if statement.is_dangling and not text.startswith(turn.cast.speaker):
            text = f"{turn.cast.speaker}: {text}"
        reason = self._refusal(turn, statement, text)
        if reason:
            self._dropped[reason] += 1
            return
        self._seen.add(normalised(text))
        self._echoes.note(turn.cast.speaker, text)
        self._drafts.append(_Draft(text, turn))

    def facts(self, said_at: datetime) -> tuple[Fact, ...]:
        """Finish every statement: dates, entities, relations."""
        return tuple(_fact(draft, said_at) for draft in self._drafts)

    def _join(self, turn: Turn, statement: Statement) -> bool:
        last = self._drafts[-1] if self._drafts else None
        if last is None or last.turn.cast.speaker != turn.cast.speaker:
            return False
        messages_apart = turn.index - last.turn.index
        may_look_back = turn.is_opening and not statement.is_of_message
        if messages_apart > (_JOINED_MESSAGES if may_look_back else 0):
            return False
        text = statement.text
        most_words = _JOINED_LATER_WORDS if messages_apart else _JOINED_WORDS
        is_long = len(last.text) + len(text) > _JOINED_CHARS or len(text.split()) > most_words
        if is_long or last.is_joined:
            return False
        last.is_joined = True
        last.text = f"{last.text.rstrip('.!…')}; {lower_first(text, names=turn.cast.names | _ROLE_NAMES)}"
        self._echoes.note(turn.cast.speaker, text)
        return True

    def _refusal(self, turn: Turn, statement: Statement, text: str) -> str | None:
        if statement.is_dangling and _is_reaction(statement.text):
            return "filler"
        speaks_of_other = turn.cast.addressee is not None and text.startswith(turn.cast.addressee)
        may_echo = turn.message.role is Role.ASSISTANT or speaks_of_other
        if (
            may_echo
            and not turn.is_answer
            and not _is_deed(text, turn.cast.speaker)
            and self._echoes.is_echo(turn.cast.speaker, text)
        ):
            return "echo"
        return "duplicate" if normalised(text) in self._seen else None


def _is_reaction(text: str) -> bool:
    """Say whether a sentence that hangs on something others said only comments on it: "That's a pity"."""
    return text.startswith("That") or len(text.split()) < _DANGLING_WORDS


def _is_deed(text: str, speaker: str) -> bool:
    """Say whether a statement reports what its speaker did: that is news even in the words of the request."""
    if not text.startswith(f"{speaker} "):
        return False
    verb = text[len(speaker) + 1 :].split(" ", 1)[0]
    return verb == "has" or verbs.is_past(verb)


def _fact(draft: _Draft, said_at: datetime) -> Fact:
    dated = date_statement(draft.text, said_at)
    message = draft.turn.message
    return Fact(
        text=dated.text,
        attributed_to=message.role,
        message_index=draft.turn.index,
        speaker=(message.name or "").strip() or None,
        entities=entities_of(draft.text, names=draft.turn.cast.names),
        relations=relations_of(draft.text, valid_from=dated.valid_from, valid_to=dated.valid_to),
        valid_from=dated.valid_from,
        valid_to=dated.valid_to,
    )
