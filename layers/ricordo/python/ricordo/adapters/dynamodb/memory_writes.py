"""What one change of a memory writes: its row, its version, its links, its text, and that the index must follow."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.expressions import Delete, Put, Write
from ricordo.adapters.dynamodb.links import link_rows
from ricordo.adapters.dynamodb.memory_rows import (
    FORMAT,
    current_row,
    memory_from,
    owners_of,
    vectors_of,
    version_row,
)
from ricordo.adapters.dynamodb.standing_rows import PURGING
from ricordo.adapters.dynamodb.uniqueness import holds, join, release
from ricordo.domain.memory import ChangeType, LifecycleState, Memory

LONG_HISTORY = 60  # versions; with all else a memory has, more would not fit in a transaction
_ABSENT = Attr("pk").not_exists()
_NOT_GONE = Attr("state").ne(LifecycleState.DELETED.value) & Attr(PURGING).not_exists()


def pending_row(memory: Memory, *, cuts_seen: int) -> dict[str, Any]:
    """Write that a memory changed and the index may not show it yet."""
    return {
        **keys.pending(memory)._asdict(),
        "kind": "pending",
        "format": FORMAT,
        "memory_id": memory.memory_id,
        "version": memory.version,
        **owners_of(memory.scope),
        "cuts_seen": cuts_seen,
    }


def _listing_rows(memory: Memory, cuts_seen: int) -> dict[keys.Key, dict[str, Any]]:
    """Write all rows by which a live memory is found."""
    if memory.state is LifecycleState.DELETED:
        return {}
    return {**link_rows(memory, cuts_seen=cuts_seen), keys.pending(memory): pending_row(memory, cuts_seen=cuts_seen)}


def listing_keys(memory: Memory) -> list[keys.Key]:
    """Name all rows by which a live memory is found."""
    return list(_listing_rows(memory, 0))


def insertion(
    memory: Memory, *, cuts_seen: int, retention_days: int, text: Write | None, history: Sequence[Row] | None = None
) -> list[Write]:
    """Write a memory that is not there yet; `text` takes its text, `history` is what it brings along.

    Versions are put without a condition: none of this memory can be there, and what is left of an earlier one under
    this id gives way.
    """
    row = current_row(memory, cuts_seen=cuts_seen, retention_days=retention_days, vectors=vectors_of(memory))
    versions = [version_row(memory, ChangeType.ADD, described_by=memory)] if history is None else history
    listing = _listing_rows(memory, cuts_seen)
    return [
        Put(row, _ABSENT),
        *(Put(version) for version in versions),
        *(Put(found_by) for found_by in listing.values()),
        *([text] if text else []),
    ]


def replacement(row: Row, memory: Memory, *, retention_days: int, old_text_row: Row | None) -> list[Write]:
    """Write the next version over `row`, if that is still the one; a DELETED memory leaves a tombstone."""
    before, seen = memory_from(row), row["cuts_seen"]
    after = replace(memory, sequence=before.sequence, accepted_at=before.accepted_at)
    is_deleted = after.state is LifecycleState.DELETED
    kept = row.get("vectors", {}) if after.text == before.text else {}
    current = current_row(after, cuts_seen=seen, retention_days=retention_days, vectors={**kept, **vectors_of(after)})
    version = version_row(
        after,
        ChangeType.DELETE if is_deleted else ChangeType.UPDATE,
        described_by=before if is_deleted else after,
    )
    return [
        Put(current, Attr("version").eq(before.version) & _NOT_GONE),
        Put(version),
        *_relisted(before, after, seen),
        *_held_anew(before, after, old_text_row),
    ]


def _relisted(before: Memory, after: Memory, cuts_seen: int) -> list[Write]:
    """Write only the links that say something else now."""
    old, new = _listing_rows(before, cuts_seen), _listing_rows(after, cuts_seen)
    gone: list[Write] = [Delete(key) for key in old if key not in new]
    return gone + [Put(found_by) for key, found_by in new.items() if old.get(key) != found_by]


def gives_up_text(before: Memory, after: Memory) -> bool:
    """Say whether a change stops a memory from holding its text, so that the row of that text must be read."""
    return holds(before) and not (holds(after) and after.text == before.text)


def _held_anew(before: Memory, after: Memory, old_text_row: Row | None) -> list[Write]:
    writes: list[Write] = []
    if gives_up_text(before, after):
        writes += release(before, old_text_row)
    if gives_up_text(after, before):  # the way back gives up what this one takes
        writes.append(join(after))
    return writes


def same_life(row: Row) -> ConditionBase:
    """Ask that a row is still this version of this memory, and not of another that was given its id since."""
    is_this: ConditionBase = Attr("accepted_us").eq(row["accepted_us"]) & Attr("sequence").eq(row["sequence"])
    return is_this & Attr("version").eq(row["version"])


def removal(row: Row, version_keys: Sequence[keys.Key], text_row: Row | None) -> list[Write]:
    """Remove a memory with all that belongs to it, if its row is still this one."""
    memory = memory_from(row)
    return [
        Delete(keys.memory(memory.project_id, memory.memory_id), same_life(row)),
        *(Delete(key) for key in (*version_keys, *listing_keys(memory))),
        *release(memory, text_row),
    ]
