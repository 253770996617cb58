"""What the graph consists of, and how its parts are named.

| element                         | id of                                    | properties                              |
| ------------------------------- | ---------------------------------------- | --------------------------------------- |
| vertex `memory`                 | project, memory                          | project, memory, version, stamp,        |
|                                 |                                          | states (a set)                          |
| vertex `entity`                 | project, key                             | project                                 |
| edge `mentions`, memory-entity  | both vertices                            | project, memory, name, type             |
| edge `relation`, entity-entity  | memory that says so, both vertices, type | project, memory, source, type, target,  |
|                                 |                                          | valid_from, valid_to, statement         |

Names stand on edges alone, so an entity nobody speaks of any more has none. Each memory that states a relation has
an edge of its own for it: Neptune's edges have no sets, validity belongs to who says it, and forgetting one says
nothing about the others. Edges cannot end at edges, so a memory lists the relations it states in `states`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from ricordo.domain.graph import Entity, EntityType, Relation, entity_key
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.domain.moments import from_micros, to_micros

MEMORY: Final = "memory"
ENTITY: Final = "entity"
MENTIONS: Final = "mentions"
RELATION: Final = "relation"

PROJECT: Final = "project"
VERSION: Final = "version"
STAMP: Final = "stamp"
STATES: Final = "states"
NAME: Final = "name"
TYPE: Final = "type"
SOURCE: Final = "source"
TARGET: Final = "target"
VALID_FROM: Final = "valid_from"
VALID_TO: Final = "valid_to"
STATEMENT: Final = "statement"

_BEFORE_ALL: Final = -(2**62)
_AFTER_ALL: Final = 2**62


@dataclass(frozen=True, slots=True)
class Link:
    """An edge without its properties; `source` and `target` are vertex ids."""

    edge_id: str
    label: str
    source: str
    target: str

    @property
    def spelled(self) -> str:
        """The form in which a memory lists a relation it states."""
        return f"{self.edge_id} {self.source} {self.target}"

    @classmethod
    def mention(cls, memory_vertex: str, entity_vertex: str) -> Self:
        """Link a memory to what it mentions."""
        return cls(_digest(MENTIONS, memory_vertex, entity_vertex), MENTIONS, memory_vertex, entity_vertex)

    @classmethod
    def read(cls, spelled: str) -> Self:
        """Invert `spelled`."""
        edge_id, source, target = spelled.split(" ")
        return cls(edge_id, RELATION, source, target)


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge to be written."""

    link: Link
    properties: Mapping[str, str | int] = field(hash=False)


def memory_vertex(project_id: ProjectId, memory_id: MemoryId) -> str:
    """Name a memory's vertex."""
    return _digest(MEMORY, project_id, memory_id)


def entity_vertex(project_id: ProjectId, key: str) -> str:
    """Name an entity's vertex."""
    return _digest(ENTITY, project_id, key)


def edges_of(memory: Memory) -> Mapping[str, Edge]:
    """Return what a memory says, by edge id; of two with one id the first."""
    edges: dict[str, Edge] = {}
    for edge in [_mention(memory, entity) for entity in memory.entities] + [
        _relation(memory, relation) for relation in memory.relations
    ]:
        edges.setdefault(edge.link.edge_id, edge)
    return edges


def _mention(memory: Memory, entity: Entity) -> Edge:
    link = Link.mention(
        memory_vertex(memory.project_id, memory.memory_id), entity_vertex(memory.project_id, entity.key)
    )
    return Edge(link, {MEMORY: memory.memory_id, NAME: entity.name, TYPE: entity.type.value})


def _relation(memory: Memory, relation: Relation) -> Edge:
    speaker = memory_vertex(memory.project_id, memory.memory_id)
    source, target = (entity_vertex(memory.project_id, entity_key(name)) for name in (relation.source, relation.target))
    said: dict[str, str | int] = {
        SOURCE: relation.source,
        TYPE: relation.type,
        TARGET: relation.target,
        VALID_FROM: _BEFORE_ALL if relation.valid_from is None else to_micros(relation.valid_from),
        VALID_TO: _AFTER_ALL if relation.valid_to is None else to_micros(relation.valid_to),
    }
    edge_id = _digest(RELATION, speaker, source, relation.type, target)
    told = {MEMORY: memory.memory_id, STATEMENT: _digest(*map(str, said.values()))}
    return Edge(Link(edge_id, RELATION, source, target), said | told)


def entity_from(fields: Mapping[str, str]) -> Entity:
    """Read an entity from the properties of a mention."""
    return Entity(fields[NAME], EntityType(fields[TYPE]))


def relation_from(fields: Mapping[str, str | int]) -> Relation:
    """Read a relation from the properties of its edge."""
    valid_from, valid_to = int(fields[VALID_FROM]), int(fields[VALID_TO])
    return Relation(
        source=str(fields[SOURCE]),
        type=str(fields[TYPE]),
        target=str(fields[TARGET]),
        valid_from=None if valid_from == _BEFORE_ALL else from_micros(valid_from),
        valid_to=None if valid_to == _AFTER_ALL else from_micros(valid_to),
    )


def _digest(*parts: str) -> str:
    """Name parts together; SHA-2 and its kin have no known collisions, so equal names mean equal parts."""
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()
