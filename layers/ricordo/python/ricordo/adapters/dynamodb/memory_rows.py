"""Memories and their versions as rows, and back."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row, dump
from ricordo.domain.episode import Role
from ricordo.domain.graph import Entity, EntityType
from ricordo.domain.ids import EpisodeId, EventId, MemoryId, ProjectId
from ricordo.domain.json_fields import micros_or_none, relation_fields, relation_from, time_or_none
from ricordo.domain.memory import ChangeType, Embedding, LifecycleState, Memory, MemoryKind, MemoryVersion, Source
from ricordo.domain.moments import Moment, from_micros, to_micros
from ricordo.domain.scope import OwnerType, Scope

FORMAT = 1
TOMBSTONE_DAYS = 15  # records of changes may come that late, and must find that the memory is deleted
_STORED_VECTOR = np.dtype("<f2")
_DAY_US = 86_400_000_000
_SECOND_US = 1_000_000


def owners_of(scope: Scope) -> dict[str, str]:
    """Write the owners that are set, each under the name of its field."""
    return {owner.type.field: owner.id for owner in scope.owners()}


def scope_from(row: Row) -> Scope:
    """Read the owners."""
    return Scope(**{owner_type.field: row.get(owner_type.field) for owner_type in OwnerType})


def vectors_of(memory: Memory) -> dict[str, bytes]:
    """Write the vector under its model, as float16: half the size, and cosines change by less than 0.001."""
    embedding = memory.embedding
    return {embedding.model_id: embedding.vector.astype(_STORED_VECTOR).tobytes()} if embedding else {}


def current_row(memory: Memory, *, cuts_seen: int, retention_days: int, vectors: Mapping[str, bytes]) -> dict[str, Any]:
    """Write a memory as it stands, listed for purging by its end where it has one."""
    end_us = _end_us(memory)
    return {
        **keys.memory(memory.project_id, memory.memory_id)._asdict(),
        "kind": "memory",
        "format": FORMAT,
        "gsi1pk": keys.event(memory.project_id, memory.source.event_id).pk,
        "gsi1sk": keys.component(memory.memory_id),
        "project_id": memory.project_id,
        "memory_id": memory.memory_id,
        **owners_of(memory.scope),
        "text": memory.text,
        "version": memory.version,
        "state": memory.state.value,
        "memory_kind": memory.kind.value,
        "metadata": dump(memory.metadata),
        "categories": dump(memory.categories),
        "attributed_to": memory.attributed_to.value if memory.attributed_to else None,
        "speaker": memory.speaker,
        "created_us": to_micros(memory.created_at),
        "updated_us": to_micros(memory.updated_at),
        "accepted_us": to_micros(memory.accepted_at),
        **_expiration_fields(memory.expiration),
        "valid_from_us": micros_or_none(memory.valid_from),
        "valid_to_us": micros_or_none(memory.valid_to),
        "replaced_by": memory.replaced_by,
        "immutable": memory.immutable,
        "entities": dump([{"name": entity.name, "type": entity.type.value} for entity in memory.entities]),
        "relations": dump([relation_fields(relation) for relation in memory.relations]),
        "thread": memory.thread,
        "sequence": memory.sequence,
        "event_id": memory.source.event_id,
        "episode_id": memory.source.episode_id,
        "ordinal": memory.source.ordinal,
        "message_index": memory.source.message_index,
        "vectors": vectors or None,
        "cuts_seen": cuts_seen,
        **(_end_fields(memory, end_us, retention_days) if end_us is not None else {}),
    }


def _expiration_fields(expiration: Moment | None) -> dict[str, Any]:
    if expiration is None:
        return {}
    return {
        "expiration": expiration.text,
        "expiration_start_us": to_micros(expiration.start),
        "expiration_end_us": to_micros(expiration.end),
    }


def _end_us(memory: Memory) -> int | None:
    if memory.state is LifecycleState.DELETED:
        return to_micros(memory.updated_at)
    return to_micros(memory.expiration.end) if memory.expiration else None


def _end_fields(memory: Memory, end_us: int, retention_days: int) -> dict[str, Any]:
    days = max(retention_days, TOMBSTONE_DAYS) if memory.state is LifecycleState.DELETED else retention_days
    return {
        "gsi2pk": keys.ends(memory.project_id),
        "gsi2sk": f"{keys.micros(end_us)}#{keys.component(memory.memory_id)}",
        "ttl": -(-(end_us + days * _DAY_US) // _SECOND_US),
    }


def has_end(memory: Memory) -> bool:
    """Say whether the row of a memory ends some day."""
    return _end_us(memory) is not None


def end_us_of(row: Row) -> int | None:
    """Return when a memory was deleted or expires, or None where it never ends."""
    if row["state"] == LifecycleState.DELETED:
        return int(row["updated_us"])
    return row.get("expiration_end_us")


def memory_from(row: Row, model_id: str = "") -> Memory:
    """Read a memory with its vector of this model, or of another where it has none of this one."""
    return Memory(
        memory_id=MemoryId(row["memory_id"]),
        project_id=ProjectId(row["project_id"]),
        scope=scope_from(row),
        text=row["text"],
        source=Source(EventId(row["event_id"]), EpisodeId(row["episode_id"]), row["ordinal"], row["message_index"]),
        created_at=from_micros(row["created_us"]),
        updated_at=from_micros(row["updated_us"]),
        accepted_at=from_micros(row["accepted_us"]),
        thread=row["thread"],
        sequence=row["sequence"],
        version=row["version"],
        state=LifecycleState(row["state"]),
        kind=MemoryKind(row["memory_kind"]),
        metadata=json.loads(row["metadata"]),
        categories=tuple(json.loads(row["categories"])),
        attributed_to=Role(row["attributed_to"]) if row.get("attributed_to") else None,
        speaker=row.get("speaker"),
        expiration=_expiration(row),
        valid_from=time_or_none(row.get("valid_from_us")),
        valid_to=time_or_none(row.get("valid_to_us")),
        replaced_by=row.get("replaced_by"),
        immutable=row["immutable"],
        entities=tuple(Entity(e["name"], EntityType(e["type"])) for e in json.loads(row["entities"])),
        relations=tuple(relation_from(fields) for fields in json.loads(row["relations"])),
        embedding=_embedding(row.get("vectors") or {}, model_id),
    )


def _expiration(row: Row) -> Moment | None:
    if row.get("expiration") is None:
        return None
    start, end = from_micros(row["expiration_start_us"]), from_micros(row["expiration_end_us"])
    return Moment(start, end, row["expiration"])


def _embedding(vectors: Mapping[str, bytes], model_id: str) -> Embedding | None:
    if not vectors:
        return None
    chosen = model_id if model_id in vectors else min(vectors)
    return Embedding(chosen, np.frombuffer(vectors[chosen], dtype=_STORED_VECTOR).astype(np.float32))


def as_stored(memory: Memory) -> Memory:
    """Return a memory as it will be read back: its vector is rounded."""
    return replace(memory, embedding=_embedding(vectors_of(memory), ""))


def version_row(memory: Memory, change: ChangeType, *, described_by: Memory) -> dict[str, Any]:
    """Write what a change made of a memory; a DELETE is described by what was deleted."""
    version = MemoryVersion(
        memory_id=memory.memory_id,
        version=memory.version,
        change=change,
        old_text=None,
        new_text=None if change is ChangeType.DELETE else memory.text,
        scope=memory.scope,
        metadata=described_by.metadata,
        categories=described_by.categories,
        created_at=memory.created_at,
        changed_at=memory.updated_at,
    )
    return _version_row(memory.project_id, version, None)


def history_rows(project_id: ProjectId, versions: Iterable[MemoryVersion]) -> Iterator[dict[str, Any]]:
    """Write a history, oldest first."""
    text: str | None = None
    for version in versions:
        yield _version_row(project_id, version, None if version.old_text == text else version.old_text)
        text = version.new_text


def _version_row(project_id: ProjectId, version: MemoryVersion, old_text: str | None) -> dict[str, Any]:
    """Write one version; the old text only where the version before does not tell it: a row holds one text."""
    return {
        **keys.version(project_id, version.memory_id, version.version)._asdict(),
        "kind": "version",
        "format": FORMAT,
        "memory_id": version.memory_id,
        "version": version.version,
        "change": version.change.value,
        "old_text": old_text,
        "new_text": version.new_text,
        **owners_of(version.scope),
        "metadata": dump(version.metadata),
        "categories": dump(version.categories),
        "created_us": to_micros(version.created_at),
        "changed_us": to_micros(version.changed_at),
    }


def history_from(rows: Iterable[Row]) -> Iterator[MemoryVersion]:
    """Read a history from its rows, oldest first."""
    text: str | None = None
    for row in rows:
        yield MemoryVersion(
            memory_id=MemoryId(row["memory_id"]),
            version=row["version"],
            change=ChangeType(row["change"]),
            old_text=row.get("old_text", text),
            new_text=row.get("new_text"),
            scope=scope_from(row),
            metadata=json.loads(row["metadata"]),
            categories=tuple(json.loads(row["categories"])),
            created_at=from_micros(row["created_us"]),
            changed_at=from_micros(row["changed_us"]),
        )
        text = row.get("new_text")
