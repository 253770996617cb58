"""Memories as rows, and back."""

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock

import numpy as np

from ricordo.domain.episode import Role
from ricordo.domain.graph import Entity, EntityType
from ricordo.domain.ids import EpisodeId, EventId, MemoryId, ProjectId
from ricordo.domain.json_fields import micros_or_none, relation_fields, relation_from, time_or_none
from ricordo.domain.memory import (
    ChangeType,
    Embedding,
    LifecycleState,
    Memory,
    MemoryKind,
    MemoryVersion,
    Source,
    Vector,
)
from ricordo.domain.moments import Moment, from_micros, to_micros
from ricordo.domain.scope import Scope

STORED_VECTOR = np.dtype("<f2")
LIVE = "m.hidden = 0 AND m.state <> 'deleted'"


def scope_columns(scope: Scope) -> dict[str, str | None]:
    """Return the four owner columns."""
    return {
        "user_id": scope.user_id,
        "agent_id": scope.agent_id,
        "app_id": scope.app_id,
        "run_id": scope.run_id,
    }


def scope_from(row: sqlite3.Row) -> Scope:
    """Read the four owner columns."""
    return Scope(row["user_id"], row["agent_id"], row["app_id"], row["run_id"])


def pack_vector(vector: Vector) -> bytes:
    """Write a vector as float16: half the size, and cosines change by less than 0.001."""
    return vector.astype(STORED_VECTOR).tobytes()


def unpack_vector(blob: bytes) -> Vector:
    """Read a vector as float32."""
    return np.frombuffer(blob, dtype=STORED_VECTOR).astype(np.float32)


def columns_of(memory: Memory) -> dict[str, object]:
    """Return the columns of a memory but `change`, `hidden` and `text_digest`, which the store decides."""
    expiration = memory.expiration
    return {
        "project_id": memory.project_id,
        "memory_id": memory.memory_id,
        **scope_columns(memory.scope),
        "text": memory.text,
        "version": memory.version,
        "state": memory.state.value,
        "kind": memory.kind.value,
        "metadata": dump(memory.metadata),
        "categories": dump(memory.categories),
        "attributed_to": memory.attributed_to.value if memory.attributed_to else None,
        "speaker": memory.speaker,
        "created_us": to_micros(memory.created_at),
        "updated_us": to_micros(memory.updated_at),
        "accepted_us": to_micros(memory.accepted_at),
        "expiration": expiration.text if expiration else None,
        "expiration_start_us": micros_or_none(expiration.start if expiration else None),
        "expiration_end_us": micros_or_none(expiration.end if expiration else None),
        "valid_from_us": micros_or_none(memory.valid_from),
        "valid_to_us": micros_or_none(memory.valid_to),
        "replaced_by": memory.replaced_by,
        "immutable": int(memory.immutable),
        "entities": dump([_entity_fields(entity) for entity in memory.entities]),
        "relations": dump([relation_fields(relation) for relation in memory.relations]),
        "thread": memory.thread,
        "sequence": memory.sequence,
        "event_id": memory.source.event_id,
        "episode_id": memory.source.episode_id,
        "ordinal": memory.source.ordinal,
        "message_index": memory.source.message_index,
        "embedding_model": memory.embedding.model_id if memory.embedding else None,
        "embedding": pack_vector(memory.embedding.vector) if memory.embedding else None,
    }


def dump(value: object) -> str:
    """Write JSON compactly; mappings and tuples as objects and lists."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _entity_fields(entity: Entity) -> dict[str, str]:
    return {"key": entity.key, "name": entity.name, "type": entity.type.value}


def memory_from(row: sqlite3.Row) -> Memory:
    """Read a memory."""
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
        kind=MemoryKind(row["kind"]),
        metadata=json.loads(row["metadata"]),
        categories=tuple(json.loads(row["categories"])),
        attributed_to=Role(row["attributed_to"]) if row["attributed_to"] else None,
        speaker=row["speaker"],
        expiration=_expiration(row),
        valid_from=time_or_none(row["valid_from_us"]),
        valid_to=time_or_none(row["valid_to_us"]),
        replaced_by=MemoryId(row["replaced_by"]) if row["replaced_by"] else None,
        immutable=bool(row["immutable"]),
        entities=tuple(Entity(e["name"], EntityType(e["type"])) for e in json.loads(row["entities"])),
        relations=tuple(relation_from(fields) for fields in json.loads(row["relations"])),
        embedding=_embedding(row),
    )


def _expiration(row: sqlite3.Row) -> Moment | None:
    if row["expiration"] is None:
        return None
    start, end = from_micros(row["expiration_start_us"]), from_micros(row["expiration_end_us"])
    return Moment(start, end, row["expiration"])


def _embedding(row: sqlite3.Row) -> Embedding | None:
    blob = row["embedding"]
    return Embedding(row["embedding_model"], unpack_vector(blob)) if blob is not None else None


def version_from(row: sqlite3.Row) -> MemoryVersion:
    """Read one entry of a history."""
    return MemoryVersion(
        memory_id=MemoryId(row["memory_id"]),
        version=row["version"],
        change=ChangeType(row["change_type"]),
        old_text=row["old_text"],
        new_text=row["new_text"],
        scope=scope_from(row),
        metadata=json.loads(row["metadata"]),
        categories=tuple(json.loads(row["categories"])),
        created_at=from_micros(row["created_us"]),
        changed_at=from_micros(row["changed_us"]),
    )


class DecodedRows:
    """Keeps memories decoded from rows that have not changed since; at most `capacity` of them."""

    def __init__(self, capacity: int = 8192) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[int, tuple[int, Memory]] = OrderedDict()
        self._lock = Lock()

    def known(self, heads: Iterable[tuple[int, int]]) -> tuple[dict[int, Memory], list[int]]:
        """Take (row, change) pairs; return by row what was decoded at that change, and the other rows."""
        memories: dict[int, Memory] = {}
        missing: list[int] = []
        with self._lock:
            for row, change in heads:
                kept = self._kept.get(row)
                if kept is None or kept[0] != change:
                    missing.append(row)
                else:
                    self._kept.move_to_end(row)
                    memories[row] = kept[1]
        return memories, missing

    def decode(self, rows: Iterable[sqlite3.Row]) -> dict[int, Memory]:
        """Decode rows and keep them; return them by row."""
        decoded = {row["row"]: (row["change"], memory_from(row)) for row in rows}
        with self._lock:
            self._kept.update(decoded)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        return {row: memory for row, (_, memory) in decoded.items()}
