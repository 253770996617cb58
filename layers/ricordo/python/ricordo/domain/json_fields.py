"""Messages, facts and relations as JSON fields, and back: as stores keep them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ricordo.domain.episode import Message, Role
from ricordo.domain.event import EventResult
from ricordo.domain.fact import Fact
from ricordo.domain.graph import Entity, EntityType, Relation
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import ChangeType
from ricordo.domain.moments import from_micros, to_micros

Fields = Mapping[str, Any]


def micros_or_none(at: datetime | None) -> int | None:
    """Write an optional time."""
    return None if at is None else to_micros(at)


def time_or_none(micros: int | None) -> datetime | None:
    """Read an optional time."""
    return None if micros is None else from_micros(micros)


def message_fields(message: Message) -> Fields:
    """Write a message."""
    return {"role": message.role.value, "content": message.content, "name": message.name}


def message_from(fields: Fields) -> Message:
    """Read a message."""
    return Message(Role(fields["role"]), fields["content"], fields["name"])


def result_fields(result: EventResult) -> Fields:
    """Write what an event wrote."""
    return {"id": result.memory_id, "text": result.text, "change": result.change.value}


def result_from(fields: Fields) -> EventResult:
    """Read what an event wrote."""
    return EventResult(MemoryId(fields["id"]), fields["text"], ChangeType(fields["change"]))


def relation_fields(relation: Relation) -> Fields:
    """Write a relation."""
    return {
        "source": relation.source,
        "type": relation.type,
        "target": relation.target,
        "valid_from_us": micros_or_none(relation.valid_from),
        "valid_to_us": micros_or_none(relation.valid_to),
    }


def relation_from(fields: Fields) -> Relation:
    """Read a relation."""
    return Relation(
        source=fields["source"],
        type=fields["type"],
        target=fields["target"],
        valid_from=time_or_none(fields["valid_from_us"]),
        valid_to=time_or_none(fields["valid_to_us"]),
    )


def fact_fields(fact: Fact) -> Fields:
    """Write a fact."""
    return {
        "text": fact.text,
        "attributed_to": fact.attributed_to.value,
        "message_index": fact.message_index,
        "speaker": fact.speaker,
        "entities": [{"name": entity.name, "type": entity.type.value} for entity in fact.entities],
        "relations": [relation_fields(relation) for relation in fact.relations],
        "valid_from_us": micros_or_none(fact.valid_from),
        "valid_to_us": micros_or_none(fact.valid_to),
    }


def fact_from(fields: Fields) -> Fact:
    """Read a fact."""
    return Fact(
        text=fields["text"],
        attributed_to=Role(fields["attributed_to"]),
        message_index=fields["message_index"],
        speaker=fields["speaker"],
        entities=tuple(Entity(entity["name"], EntityType(entity["type"])) for entity in fields["entities"]),
        relations=tuple(relation_from(relation) for relation in fields["relations"]),
        valid_from=time_or_none(fields["valid_from_us"]),
        valid_to=time_or_none(fields["valid_to_us"]),
    )
