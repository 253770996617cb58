"""Who holds a text in exactly its scope: a row for each text, with the ids of its holders.

A new memory needs a text nobody holds. An update takes its text whoever else has it, so a text may have several
holders, and stays held while one is left.
"""

from collections.abc import Iterable

from boto3.dynamodb.conditions import Attr

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.cuts import Cuts
from ricordo.adapters.dynamodb.expressions import Change, Delete, Put
from ricordo.adapters.dynamodb.memory_rows import FORMAT
from ricordo.adapters.dynamodb.standing_rows import is_gone, is_live
from ricordo.domain.memory import LifecycleState, Memory
from ricordo.domain.moments import to_micros

HOLDERS = "holders"
_SAID = {"kind": "text", "format": FORMAT}


def holds(memory: Memory) -> bool:
    """Say whether a memory holds its text until it expires."""
    return memory.state is LifecycleState.ACTIVE


def holders_of(text_row: Row | None) -> frozenset[str]:
    """Read who holds a text, or did until it expired."""
    return text_row[HOLDERS] if text_row else frozenset()


def is_held(memory: Memory, holders: Iterable[Row], cuts: Cuts) -> bool:
    """Say whether one of these rows holds the text of a new memory when that is accepted."""
    accepted_us = to_micros(memory.accepted_at)
    return any(
        row["state"] == LifecycleState.ACTIVE
        and is_live(row, cuts)
        and row["text"] == memory.text
        and ("expiration_end_us" not in row or accepted_us < row["expiration_end_us"])
        for row in holders
    )


def claim(memory: Memory, text_row: Row | None, holders: Iterable[Row]) -> Put:
    """Take a text nobody holds, unless the row has changed since; who may hold it again stays named."""
    key = keys.uniqueness(memory)
    lasting = {row["memory_id"] for row in holders if not is_gone(row) and row["text"] == memory.text}
    unchanged = Attr(HOLDERS).eq(text_row[HOLDERS]) if text_row else Attr("pk").not_exists()
    return Put({**key._asdict(), **_SAID, HOLDERS: frozenset(lasting | {memory.memory_id})}, unchanged)


def join(memory: Memory) -> Change:
    """Hold a text, whoever else does."""
    return Change(keys.uniqueness(memory), set=_SAID, add={HOLDERS: frozenset({memory.memory_id})})


def release(memory: Memory, text_row: Row | None) -> list[Change | Delete]:
    """Stop holding a text, unless the row has changed since; a row without holders goes."""
    holders = holders_of(text_row)
    if memory.memory_id not in holders:
        return []
    key, unchanged = keys.uniqueness(memory), Attr(HOLDERS).eq(holders)
    if len(holders) == 1:
        return [Delete(key, unchanged)]
    return [Change(key, unchanged, delete={HOLDERS: frozenset({memory.memory_id})})]
