"""Lines of an export: JSON Lines in UTF-8, one memory a line with its whole history.

| field | what it holds |
| --- | --- |
| `ricordo_export` | 1, the format's version |
| `id`, `memory`, `version`, `lifecycle_state` | the memory as it stands; its text is empty if `deleted` |
| `user_id`, `agent_id`, `app_id`, `run_id` | whose it is |
| `metadata`, `categories`, `immutable`, `expiration_date`, `replaced_by` | as in the API |
| `kind`, `attributed_to`, `speaker`, `source` | how it came about, who said it, and where |
| `created_at`, `updated_at` | when it was said and last changed, ISO 8601 in UTC to the microsecond |
| `valid_from`, `valid_to` | the time it speaks of, the end exclusive |
| `thread`, `sequence` | the conversation it belongs to, and its place in it |
| `entities`, `relations` | what it mentions, and which relations it states |
| `versions` | its history, oldest first: `version`, `change`, `old_memory`, `new_memory`, owners, `metadata`,
  `categories`, `created_at`, `changed_at` |

Not in it: the project, which is the one imported into; when Ricordo accepted the memory, which is when it is
imported, in the order of the lines; and vectors, which are computed anew.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from ricordo.domain import limits
from ricordo.domain.episode import Role
from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.graph import Entity, EntityType, Relation
from ricordo.domain.ids import EpisodeId, EventId, MemoryId, ProjectId, as_uuid
from ricordo.domain.memory import ChangeType, LifecycleState, Memory, MemoryKind, MemoryVersion, Source
from ricordo.domain.moments import as_utc, iso, parse_moment
from ricordo.domain.scope import MAX_OWNER_ID_CHARS, Scope
from ricordo.ports.archive import ArchivedMemory
from ricordo.runtime.add_fields import check_metadata

MARK = "ricordo_export"
FORMAT = 1

OwnerId = Annotated[str, Field(min_length=1, max_length=MAX_OWNER_ID_CHARS)]
Name = Annotated[str, Field(max_length=limits.MAX_NAME_CHARS)]
Text = Annotated[str, Field(max_length=limits.MAX_CONTENT_CHARS)]
Number = Annotated[int, Field(ge=0, lt=2**31)]
Categories = Annotated[list[str], Field(max_length=limits.MAX_CATEGORIES)]


class OwnedLine(BaseModel):
    """What is owned."""

    user_id: OwnerId | None = None
    agent_id: OwnerId | None = None
    app_id: OwnerId | None = None
    run_id: OwnerId | None = None
    metadata: dict[str, Any] = {}
    categories: Categories = []
    created_at: AwareDatetime

    def scope(self) -> Scope:
        """Return the owners."""
        return Scope(self.user_id, self.agent_id, self.app_id, self.run_id)


class VersionLine(OwnedLine):
    """One entry of a history."""

    version: Annotated[Number, Field(ge=1)]
    change: ChangeType
    old_memory: Text | None = None
    new_memory: Text | None = None
    changed_at: AwareDatetime


class SourceLine(BaseModel):
    """Where a memory was taken from."""

    event_id: Name
    episode_id: Name
    ordinal: Number
    message_index: Number


class EntityLine(BaseModel):
    """What a memory mentions."""

    name: str
    type: EntityType


class RelationLine(BaseModel):
    """What a memory says of two entities."""

    source: str
    type: str
    target: str
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None


class ArchivedLine(OwnedLine):
    """One line."""

    ricordo_export: Literal[1]
    id: str
    memory: Text
    version: Annotated[Number, Field(ge=1)]
    lifecycle_state: LifecycleState
    kind: MemoryKind
    attributed_to: Role | None = None
    speaker: Name | None = None
    immutable: bool = False
    expiration_date: str | None = None
    replaced_by: str | None = None
    updated_at: AwareDatetime
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None
    thread: Name
    sequence: Number
    source: SourceLine
    entities: list[EntityLine] = []
    relations: list[RelationLine] = []
    versions: Annotated[list[VersionLine], Field(min_length=1)]


def write_line(archived: ArchivedMemory) -> dict[str, Any]:
    """Return the fields of a line."""
    memory = archived.memory
    source = memory.source
    return {
        MARK: FORMAT,
        "id": memory.memory_id,
        "memory": memory.text,
        "version": memory.version,
        "lifecycle_state": memory.state.value,
        "kind": memory.kind.value,
        **_owned(memory),
        "attributed_to": memory.attributed_to.value if memory.attributed_to else None,
        "speaker": memory.speaker,
        "immutable": memory.immutable,
        "expiration_date": memory.expiration.text if memory.expiration else None,
        "replaced_by": memory.replaced_by,
        "updated_at": iso(memory.updated_at),
        "valid_from": _time(memory.valid_from),
        "valid_to": _time(memory.valid_to),
        "thread": memory.thread,
        "sequence": memory.sequence,
        "source": {
            "event_id": source.event_id,
            "episode_id": source.episode_id,
            "ordinal": source.ordinal,
            "message_index": source.message_index,
        },
        "entities": [{"name": entity.name, "type": entity.type.value} for entity in memory.entities],
        "relations": [_relation(relation) for relation in memory.relations],
        "versions": [_version(version) for version in archived.versions],
    }


def _owned(owned: Memory | MemoryVersion) -> dict[str, Any]:
    return {
        "user_id": owned.scope.user_id,
        "agent_id": owned.scope.agent_id,
        "app_id": owned.scope.app_id,
        "run_id": owned.scope.run_id,
        "metadata": dict(owned.metadata),
        "categories": list(owned.categories),
        "created_at": iso(owned.created_at),
    }


def _relation(relation: Relation) -> dict[str, Any]:
    return {
        "source": relation.source,
        "type": relation.type,
        "target": relation.target,
        "valid_from": _time(relation.valid_from),
        "valid_to": _time(relation.valid_to),
    }


def _version(version: MemoryVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "change": version.change.value,
        "old_memory": version.old_text,
        "new_memory": version.new_text,
        **_owned(version),
        "changed_at": iso(version.changed_at),
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else iso(at)


def read_archived(fields: dict[str, Any], project_id: ProjectId) -> ArchivedMemory:
    """Read a line into a project.

    Raises:
        InvalidRequestError: the line contradicts itself, or is of another format.
        ValidationError: pydantic's, a field is missing or not of its type.
    """
    if fields[MARK] != FORMAT:
        raise InvalidRequestError(f"{MARK} is {fields[MARK]!r}; this version of Ricordo reads {FORMAT}.")
    line = ArchivedLine.model_validate(fields)
    memory_id = as_uuid(line.id)
    if memory_id is None:
        raise InvalidRequestError("id must be a UUID.")
    _check(line)
    memory = _memory(line, MemoryId(memory_id), project_id)
    return ArchivedMemory(memory, _history(line.versions, memory.memory_id))


def _check(line: ArchivedLine) -> None:
    if any(owned.scope().is_empty for owned in (line, *line.versions)):
        raise InvalidRequestError("One of user_id, agent_id, app_id, run_id is required.")
    if (line.lifecycle_state is LifecycleState.DELETED) != (not line.memory):
        raise InvalidRequestError("memory must be empty where it is deleted, and only there.")
    numbers = [version.version for version in line.versions]
    if numbers != sorted(set(numbers)) or numbers[-1] != line.version:
        raise InvalidRequestError("versions must rise and end with the memory's own.")
    for owned in (line, *line.versions):
        check_metadata(owned.metadata)


def _memory(line: ArchivedLine, memory_id: MemoryId, project_id: ProjectId) -> Memory:
    source = line.source
    return Memory(
        memory_id=memory_id,
        project_id=project_id,
        scope=line.scope(),
        text=line.memory,
        source=Source(EventId(source.event_id), EpisodeId(source.episode_id), source.ordinal, source.message_index),
        created_at=as_utc(line.created_at),
        updated_at=as_utc(line.updated_at),
        accepted_at=as_utc(line.updated_at),
        thread=line.thread,
        sequence=line.sequence,
        version=line.version,
        state=line.lifecycle_state,
        kind=line.kind,
        metadata=line.metadata,
        categories=tuple(line.categories),
        attributed_to=line.attributed_to,
        speaker=line.speaker,
        expiration=parse_moment(line.expiration_date, "expiration_date") if line.expiration_date else None,
        valid_from=_utc(line.valid_from),
        valid_to=_utc(line.valid_to),
        replaced_by=MemoryId(line.replaced_by) if line.replaced_by else None,
        immutable=line.immutable,
        entities=tuple(Entity(entity.name, entity.type) for entity in line.entities),
        relations=tuple(_read_relation(relation) for relation in line.relations),
    )


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else as_utc(at)


def _read_relation(line: RelationLine) -> Relation:
    return Relation(line.source, line.type, line.target, _utc(line.valid_from), _utc(line.valid_to))


def _history(lines: Sequence[VersionLine], memory_id: MemoryId) -> tuple[MemoryVersion, ...]:
    return tuple(
        MemoryVersion(
            memory_id=memory_id,
            version=line.version,
            change=line.change,
            old_text=line.old_memory,
            new_text=line.new_memory,
            scope=line.scope(),
            metadata=line.metadata,
            categories=tuple(line.categories),
            created_at=as_utc(line.created_at),
            changed_at=as_utc(line.changed_at),
        )
        for line in lines
    )
