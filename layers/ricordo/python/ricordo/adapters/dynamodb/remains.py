"""What is left of a memory whose row the table has removed after its time."""

from collections.abc import Iterator

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as SortKey

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.episodes import Episodes
from ricordo.adapters.dynamodb.expressions import Check, Delete, Write
from ricordo.adapters.dynamodb.large_bodies import LargeBodies
from ricordo.adapters.dynamodb.memory_rows import memory_from
from ricordo.adapters.dynamodb.memory_writes import listing_keys, same_life
from ricordo.adapters.dynamodb.table import MAX_TRANSACTION_ITEMS, ConditionNotMetError, Table
from ricordo.adapters.dynamodb.uniqueness import holds, release
from ricordo.domain.errors import StoreBusyError
from ricordo.domain.memory import Memory

_TRIES = 20
_ABSENT = Attr("pk").not_exists()


class Remains:
    """Removes remains, and leaves what belongs to another memory that was given the same id since."""

    def __init__(self, table: Table, bodies: LargeBodies) -> None:
        self._table = table
        self._episodes = Episodes(table, bodies)

    def remove(self, memory: Memory) -> None:
        """Remove what was said, history, links and hold on the text of a memory whose row is gone."""
        current = keys.memory(memory.project_id, memory.memory_id)
        for _ in range(_TRIES):
            row = self._table.get(current)
            standing = memory_from(row) if row else None
            if standing is not None and _is_one(standing, memory):
                return
            if standing is None or standing.source.event_id != memory.source.event_id:
                self._episodes.forget(memory.project_id, [(memory.source.event_id, memory.memory_id)])
            try:
                self._remove(memory, row, standing, Check(current, same_life(row) if row else _ABSENT))
            except ConditionNotMetError:
                continue
            return
        raise StoreBusyError("Other changes of this memory kept coming first; try again.")

    def _remove(self, memory: Memory, row: Row | None, standing: Memory | None, unchanged: Check) -> None:
        kept = set(listing_keys(standing)) if standing else set()
        left = [key for key in listing_keys(memory) if key not in kept]
        left += self._versions_after(unchanged.key.pk, row["version"] if row else 0)
        writes: list[Write] = [Delete(key) for key in left]
        if holds(memory) and not (
            standing and holds(standing) and keys.uniqueness(standing) == keys.uniqueness(memory)
        ):
            writes += release(memory, self._table.get(keys.uniqueness(memory)))
        room = MAX_TRANSACTION_ITEMS - 1
        for start in range(0, len(writes), room):
            self._table.transact([unchanged, *writes[start : start + room]])

    def _versions_after(self, partition: str, number: int) -> Iterator[keys.Key]:
        where = SortKey("sk").between(keys.version_place(number + 1), f"{keys.VERSIONS}~")
        return (keys.Key(row["pk"], row["sk"]) for row in self._table.query_all(partition, where=where))


def _is_one(memory: Memory, other: Memory) -> bool:
    return (memory.accepted_at, memory.sequence) == (other.accepted_at, other.sequence)
