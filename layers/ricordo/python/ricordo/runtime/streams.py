"""Records of the table's stream, as Lambda hands them over, read into what changed.

Shape: docs.aws.amazon.com/lambda/latest/dg/with-ddb.html. Binary values are base64 text there.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ricordo.adapters.dynamodb.attributes import from_item
from ricordo.adapters.dynamodb.memory_rows import memory_from, scope_from
from ricordo.domain.announcement import Announcement, AnnouncementType
from ricordo.domain.ids import EventId, MemoryId, ProjectId
from ricordo.domain.memory import LifecycleState, Memory
from ricordo.domain.moments import from_micros

_TTL_PRINCIPAL = "dynamodb.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Change:
    """A memory's current row was written or removed.

    Attributes:
        sequence_number: Names the record in its stream.
        version: The version the row had, before it was removed or after it was written.
        ended: The memory as it was, where the table removed its row after its time.
        announcement: What it means to the outside; None where it means nothing, e.g. a vector was filled in.
    """

    sequence_number: str
    project_id: ProjectId
    memory_id: MemoryId
    version: int
    ended: Memory | None
    announcement: Announcement | None


def read_change(record: Mapping[str, Any]) -> Change | None:
    """Read one record; None where it is not about a memory's current row.

    Raises:
        KeyError, ValueError: it is no record of this table.
    """
    told = record["dynamodb"]
    is_removal = "NewImage" not in told
    image = told["OldImage" if is_removal else "NewImage"]
    if image.get("kind", {}).get("S") != "memory":
        return None
    row = from_item(_with_bytes(image))
    is_by_table = (record.get("userIdentity") or {}).get("principalId") == _TTL_PRINCIPAL
    return Change(
        sequence_number=told["SequenceNumber"],
        project_id=ProjectId(row["project_id"]),
        memory_id=MemoryId(row["memory_id"]),
        version=row["version"],
        ended=memory_from(row) if is_removal and is_by_table else None,
        announcement=_announcement(row, _end(row) if is_removal else _what_was_written(row, told.get("OldImage"))),
    )


def _end(row: Mapping[str, Any]) -> AnnouncementType | None:
    """Say what the end of a row means: nothing more where the memory was deleted before."""
    if row["state"] == LifecycleState.DELETED:
        return None
    return AnnouncementType.MEMORY_EXPIRED if row.get("expiration") else AnnouncementType.MEMORY_DELETED


def _what_was_written(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> AnnouncementType | None:
    """Say what a write means: nothing where the version stays, or a tombstone comes out of an archive."""
    state = LifecycleState(row["state"])
    if before is None:
        return None if state is LifecycleState.DELETED else AnnouncementType.MEMORY_ADDED
    if int(before["version"]["N"]) == row["version"]:
        return None
    if state is LifecycleState.DELETED:
        return AnnouncementType.MEMORY_DELETED
    if state is LifecycleState.ACTIVE or before["state"]["S"] == state:
        return AnnouncementType.MEMORY_UPDATED
    return AnnouncementType.MEMORY_SUPERSEDED


def _announcement(row: Mapping[str, Any], happened: AnnouncementType | None) -> Announcement | None:
    if happened is None:
        return None
    times = {AnnouncementType.MEMORY_ADDED: "accepted_us", AnnouncementType.MEMORY_EXPIRED: "expiration_end_us"}
    return Announcement(
        happened,
        ProjectId(row["project_id"]),
        EventId(row["event_id"]),
        from_micros(row[times.get(happened, "updated_us")]),
        scope_from(row),
        MemoryId(row["memory_id"]),
        row["version"],
    )


def _with_bytes(image: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _decoded(value) for name, value in image.items()}


def _decoded(value: Mapping[str, Any]) -> Mapping[str, Any]:
    ((kind, held),) = value.items()
    if kind == "B" and isinstance(held, str):
        return {"B": base64.b64decode(held)}
    return {"M": _with_bytes(held)} if kind == "M" else value


def newest_versions(changes: Sequence[Change]) -> dict[MemoryId, int]:
    """Return the highest version told of each memory."""
    versions: dict[MemoryId, int] = {}
    for change in changes:
        versions[change.memory_id] = max(change.version, versions.get(change.memory_id, 0))
    return versions
