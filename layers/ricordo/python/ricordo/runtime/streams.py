"""Records of the table's stream, as Lambda hands them over, read into what changed.

Shape: docs.aws.amazon.com/lambda/latest/dg/with-ddb.html. Binary values are base64 text there.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ricordo.adapters.dynamodb.attributes import from_item
from ricordo.adapters.dynamodb.memory_rows import memory_from
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory

_TTL_PRINCIPAL = "dynamodb.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Change:
    """A memory's current row was written or removed.

    Attributes:
        sequence_number: Names the record in its stream.
        version: The version the row had, before it was removed or after it was written.
        ended: The memory as it was, where the table removed its row after its time.
    """

    sequence_number: str
    project_id: ProjectId
    memory_id: MemoryId
    version: int
    ended: Memory | None


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
