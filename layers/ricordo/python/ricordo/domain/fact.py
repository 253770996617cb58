"""A candidate statement taken from an episode, not yet a memory."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from ricordo.domain.episode import Role
from ricordo.domain.graph import Entity, Relation


@dataclass(frozen=True, slots=True)
class Fact:
    """One self-contained statement.

    Attributes:
        text: The statement, readable without its conversation.
        attributed_to: Who said it.
        message_index: The message of the episode it was taken from, from 0.
        speaker: The speaker's name, where the conversation has names.
        valid_from: Start of the time the statement speaks of, in the world; None where it names none.
        valid_to: End of it, exclusive.
    """

    text: str
    attributed_to: Role
    message_index: int
    speaker: str | None = None
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    valid_from: datetime | None = None
    valid_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extraction:
    """The facts of an episode, and why the other sentences were dropped.

    `dropped` counts reasons, e.g. `{"greeting": 2, "question": 1}`; it never holds text.
    """

    facts: tuple[Fact, ...]
    dropped: Counter[str]
