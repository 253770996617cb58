"""Links: rows that list memories by owner and by project, and know enough to decide most filters."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.conditions import ConditionBase
from boto3.dynamodb.conditions import Key as SortKey

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.expressions import key_of
from ricordo.adapters.dynamodb.memory_rows import FORMAT, owners_of, scope_from
from ricordo.adapters.dynamodb.table import Table
from ricordo.domain.filters import All, AnyOf, Expression, IdIn, InState, Not, OwnedBy, UnexpiredAt
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.json_fields import micros_or_none
from ricordo.domain.memory import LifecycleState, Memory
from ricordo.domain.moments import to_micros
from ricordo.domain.scope import Owner, Scope


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says of its memory; `place` orders links by acceptance."""

    place: str
    memory_id: MemoryId
    scope: Scope
    state: LifecycleState
    expiration_end_us: int | None
    cuts_seen: int


def link_rows(memory: Memory, *, cuts_seen: int) -> dict[keys.Key, dict[str, Any]]:
    """Write the links of a memory; a deleted one is listed nowhere."""
    if memory.state is LifecycleState.DELETED:
        return {}
    said = {
        "kind": "link",
        "format": FORMAT,
        "memory_id": memory.memory_id,
        **owners_of(memory.scope),
        "state": memory.state.value,
        "expiration_end_us": micros_or_none(memory.expiration.end if memory.expiration else None),
        "cuts_seen": cuts_seen,
    }
    return {key: {**key._asdict(), **said} for key in keys.links(memory)}


def decide(where: Expression, link: Link) -> bool | None:  # noqa: PLR0911  one line a condition
    """Say whether a link's memory matches, or None where only the memory can tell."""
    match where:
        case All(parts):
            return _all_hold([decide(part, link) for part in parts])
        case AnyOf(parts):
            return _negated(_all_hold([_negated(decide(part, link)) for part in parts]))
        case Not(part):
            return _negated(decide(part, link))
        case OwnedBy(owner_type, ids):
            owner = link.scope[owner_type]
            return owner is not None and (ids is None or owner in ids)
        case InState(states):
            return link.state in states
        case UnexpiredAt(at):
            return link.expiration_end_us is None or to_micros(at) < link.expiration_end_us
        case IdIn(ids):
            return link.memory_id in ids
        case _:
            return None


def _negated(verdict: bool | None) -> bool | None:  # noqa: FBT001  a verdict, not a switch
    return None if verdict is None else not verdict


def _all_hold(verdicts: list[bool | None]) -> bool | None:
    if False in verdicts:
        return False
    return None if None in verdicts else True


class Links:
    """Walks links in the order of acceptance, over as many partitions as it takes."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def walk(
        self,
        project_id: ProjectId,
        owners: frozenset[Owner] | None,
        *,
        newest_first: bool = True,
        after: str | None = None,
        limit: int | None = None,
        only_if: ConditionBase | None = None,
    ) -> Iterator[Link]:
        """Yield each memory's link once, of these owners or of the whole project, from `after` a place on.

        `limit` is how many are read at a time from each partition.
        """
        partitions = [
            partition
            for owner in (sorted(owners) if owners is not None else [None])
            for partition in keys.link_partitions(project_id, owner)
        ]
        found = [
            self._table.query_all(
                partition,
                where=SortKey("sk").begins_with(keys.LINKS),
                only_if=only_if,
                newest_first=newest_first,
                limit=limit,
                after=key_of(keys.Key(partition, after)) if after else None,
            )
            for partition in partitions
        ]
        last = None
        for row in heapq.merge(*found, key=lambda row: str(row["sk"]), reverse=newest_first):
            if row["sk"] != last:
                yield _link_from(row)
            last = row["sk"]


def _link_from(row: Row) -> Link:
    return Link(
        place=row["sk"],
        memory_id=MemoryId(row["memory_id"]),
        scope=scope_from(row),
        state=LifecycleState(row["state"]),
        expiration_end_us=row.get("expiration_end_us"),
        cuts_seen=row["cuts_seen"],
    )
