"""Read a model's answer: nothing of it is believed that was not checked."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Final

from ricordo.domain.episode import Message
from ricordo.domain.errors import InvalidMomentError
from ricordo.domain.fact import Extraction, Fact
from ricordo.domain.graph import Entity, EntityType, Relation
from ricordo.domain.limits import MAX_NAME_CHARS
from ricordo.domain.model_text import sendable
from ricordo.domain.moments import Moment, parse_moment

MAX_STATEMENT_CHARS: Final = 1_000
_MAX_RELATION_CHARS: Final = 64
_MAX_MENTIONS: Final = 32
_ENTITY_TYPES: Final = {kind.value: kind for kind in EntityType}
_NOT_IN_WORDS: Final = re.compile(r"\W+")


class MalformedAnswerError(Exception):
    """The answer is not of the form asked for; the message tells the model what is wrong, without its words."""


def read_answer(answer: object, messages: tuple[Message, ...], *, indexes: Collection[int]) -> Extraction:
    """Return the facts of an answer about the messages at `indexes`, and what was dropped of it.

    A fact is attributed to whoever said its message. Entities and relations are kept if the statement names
    them.

    Raises:
        MalformedAnswerError: it is not of the form of `extraction_prompt.answer_schema`.
    """
    reading = _Reading(messages, indexes)
    facts = tuple(fact for item in _items(answer) if (fact := reading.fact(item)))
    return Extraction(facts, reading.dropped)


def _items(answer: object) -> list[tuple[Mapping[str, object], str, int]]:
    """Return each fact with its text and index, which all of them must have."""
    facts = answer.get("facts") if isinstance(answer, dict) else None
    if not isinstance(facts, list):
        raise MalformedAnswerError('It is not an object with a list "facts".')
    items: list[tuple[Mapping[str, object], str, int]] = []
    for place, item in enumerate(facts):
        fields = item if isinstance(item, dict) else {}
        text, index = fields.get("text"), fields.get("message_index")
        if not isinstance(text, str):
            raise MalformedAnswerError(f'facts[{place}] is not an object with a string "text".')
        if isinstance(index, bool) or not isinstance(index, int):
            raise MalformedAnswerError(f'facts[{place}] has no whole number "message_index".')
        items.append((fields, text, index))
    return items


class _Reading:
    """Counts what is dropped while an answer is read."""

    def __init__(self, messages: tuple[Message, ...], indexes: Collection[int]) -> None:
        self._messages = messages
        self._indexes = indexes
        self.dropped: Counter[str] = Counter()

    def fact(self, item: tuple[Mapping[str, object], str, int]) -> Fact | None:
        raw, written, index = item
        text = sendable(written).strip()
        if reason := self._refusal(text, index):
            self.dropped[reason] += 1
            return None
        message = self._messages[index]
        valid_from, valid_to = self._validity(raw)
        return Fact(
            text=text,
            attributed_to=message.role,
            message_index=index,
            speaker=(message.name or "").strip() or None,
            entities=self._entities(raw.get("entities"), text),
            relations=self._relations(raw.get("relations"), text, valid_from, valid_to),
            valid_from=valid_from,
            valid_to=valid_to,
        )

    def _refusal(self, text: str, index: int) -> str | None:
        if index not in self._indexes:
            return "unknown_message"
        if not text:
            return "no_statement"
        return "too_long" if len(text) > MAX_STATEMENT_CHARS else None

    def _validity(self, raw: Mapping[str, object]) -> tuple[datetime | None, datetime | None]:
        start, end = self._moment(raw.get("valid_from")), self._moment(raw.get("valid_to"))
        valid_from = start.start if start else None
        valid_to = end.end if end else None
        if valid_from and valid_to and valid_to <= valid_from:
            self.dropped["unreadable_date"] += 1
            return valid_from, None
        return valid_from, valid_to

    def _moment(self, written: object) -> Moment | None:
        if not isinstance(written, str) or not written.strip():
            return None
        try:
            return parse_moment(written, "date")
        except InvalidMomentError:
            self.dropped["unreadable_date"] += 1
            return None

    def _entities(self, raw: object, text: str) -> tuple[Entity, ...]:
        found: dict[str, Entity] = {}
        for mention in self._mentions(raw):
            name = self._named(mention.get("name"), text)
            if name:
                entity = Entity(name, _entity_type(mention.get("type")))
                found.setdefault(entity.key, entity)
        return tuple(found.values())

    def _relations(
        self, raw: object, text: str, valid_from: datetime | None, valid_to: datetime | None
    ) -> tuple[Relation, ...]:
        found: dict[Relation, None] = {}
        for mention in self._mentions(raw):
            source, target = (self._named(mention.get(end), text) for end in ("source", "target"))
            relation_type = _relation_type(mention.get("type"))
            if source and target and relation_type:
                found[Relation(source, relation_type, target, valid_from, valid_to)] = None
        return tuple(found)

    def _mentions(self, raw: object) -> Iterator[Mapping[str, object]]:
        if isinstance(raw, list):
            yield from (mention for mention in raw[:_MAX_MENTIONS] if isinstance(mention, dict))

    def _named(self, raw: object, text: str) -> str | None:
        """Return a name that the statement does contain."""
        name = sendable(raw).strip() if isinstance(raw, str) else ""
        if name and len(name) <= MAX_NAME_CHARS and name.casefold() in text.casefold():
            return name
        self.dropped["name_not_said"] += 1
        return None


def _entity_type(raw: object) -> EntityType:
    return _ENTITY_TYPES.get(raw, EntityType.OTHER) if isinstance(raw, str) else EntityType.OTHER


def _relation_type(raw: object) -> str:
    words = _NOT_IN_WORDS.sub("_", sendable(raw)).strip("_").lower() if isinstance(raw, str) else ""
    return words if len(words) <= _MAX_RELATION_CHARS else ""
