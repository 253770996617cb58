"""What memories speak of: entities, and typed relations between them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ricordo.domain.analysis import words


class EntityType(StrEnum):
    """Coarse kinds of entity a rule or a model can tell apart."""

    PERSON = "person"
    PLACE = "place"
    ORGANISATION = "organisation"
    TOPIC = "topic"
    IDENTIFIER = "identifier"
    OTHER = "other"


def entity_key(name: str) -> str:
    """Return `name` in the form in which two mentions are compared: its words, as a question's are read."""
    return " ".join(words(name)) or name.casefold()


@dataclass(frozen=True, slots=True)
class Entity:
    """A node: something a memory mentions, under the name the memory uses."""

    name: str
    type: EntityType = EntityType.OTHER

    @property
    def key(self) -> str:
        """The name in the form in which two mentions are compared."""
        return entity_key(self.name)


@dataclass(frozen=True, slots=True)
class Relation:
    """A directed, typed edge that a memory states; validity is in the world's time."""

    source: str
    type: str
    target: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None
