import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.cuts import CutRows
from ricordo.adapters.dynamodb.expressions import Put, Write
from ricordo.adapters.dynamodb.histories import Histories
from ricordo.adapters.dynamodb.links import Links, decide
from ricordo.adapters.dynamodb.memory_rows import history_rows
from ricordo.adapters.dynamodb.memory_writes import LONG_HISTORY, insertion
from ricordo.adapters.dynamodb.retention_days import RetentionDays
from ricordo.adapters.dynamodb.sequences import Sequences
from ricordo.adapters.dynamodb.standing_rows import PURGING, StandingRows, is_live
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.adapters.dynamodb.transactions import Plan, carry_out
from ricordo.adapters.dynamodb.uniqueness import holds, join
from ricordo.domain.errors import StoreBusyError
from ricordo.domain.filters import Expression, covering_owners, matches
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import LifecycleState, Memory
from ricordo.ports.archive import ArchivedMemory

_PAGE = 50
_READ_AT_ONCE = 100
_TRIES = 20

Placed = tuple[str, MemoryId]


class DynamoDBArchive:
    """`ports.archive.Archive` over the one table. Tombstones are found by an index, which may lag by a moment."""

    def __init__(self, table: Table, *, model_id: str = "") -> None:
        self._table = table
        self._standing = StandingRows(table, model_id)
        self._retention_days = RetentionDays(table)
        self._histories = Histories(table)
        self._sequences = Sequences(table)
        self._links = Links(table)
        self._cuts = CutRows(table)

    def dump(
        self, project_id: ProjectId, where: Expression, *, includes_deleted: bool = False
    ) -> Iterator[ArchivedMemory]:
        found = [self._listed(project_id, where)]
        if includes_deleted:
            found.append(iter(sorted(self._tombstones(project_id))))
        placed = groupby(heapq.merge(*found))  # one that is deleted meanwhile may come from both
        while some := [memory_id for (_, memory_id), _ in islice(placed, _PAGE)]:
            yield from self._page(project_id, some, where, includes_deleted=includes_deleted)

    def _listed(self, project_id: ProjectId, where: Expression) -> Iterator[Placed]:
        links = self._links.walk(project_id, covering_owners(where), newest_first=False, limit=_READ_AT_ONCE)
        return ((link.place, link.memory_id) for link in links if decide(where, link) is not False)

    def _tombstones(self, project_id: ProjectId) -> Iterator[Placed]:
        listed = self._table.query_all(keys.ends(project_id), index="gsi2")
        wanted = ("memory_id", "state", "accepted_us", "sequence")
        while some := [keys.Key(row["pk"], row["sk"]) for row in islice(listed, _READ_AT_ONCE)]:
            for row in self._table.get_many(some, only=wanted).values():
                if row["state"] == LifecycleState.DELETED:
                    memory_id = MemoryId(row["memory_id"])
                    yield keys.link_place(row["accepted_us"], row["sequence"], memory_id), memory_id

    def _page(
        self, project_id: ProjectId, memory_ids: Sequence[MemoryId], where: Expression, *, includes_deleted: bool
    ) -> Iterator[ArchivedMemory]:
        rows, cuts = self._standing.with_cuts(project_id, memory_ids)
        found = [rows[memory_id] for memory_id in memory_ids if memory_id in rows]
        shown = [row for row in found if is_live(row, cuts) or (includes_deleted and _is_tombstone(row))]
        histories = self._histories.of_many(shown)
        for row in shown:
            memory = self._standing.memory(row)
            if memory.memory_id in histories and matches(where, memory):
                yield ArchivedMemory(memory, histories[memory.memory_id])

    def known(self, project_id: ProjectId, memory_ids: Collection[MemoryId]) -> frozenset[MemoryId]:
        asked = [keys.memory(project_id, memory_id) for memory_id in memory_ids]
        return frozenset(
            MemoryId(row["memory_id"]) for row in self._table.get_many(asked, only=("memory_id",)).values()
        )

    def restore(self, archived: Sequence[ArchivedMemory]) -> Sequence[bool]:
        first: dict[keys.Key, int] = {}
        for place, one in enumerate(archived):
            first.setdefault(_key_of(one.memory), place)
        stands = self._table.get_many(list(first), only=("version",))
        new = [place for key, place in first.items() if key not in stands]
        self._sequences.pass_by([archived[place].memory for place in new])
        numbered = self._sequences.number([archived[place].memory for place in new])
        wanted = {place: replace(archived[place], memory=memory) for place, memory in zip(new, numbered, strict=True)}
        seen = {project_id: self._cuts.of(project_id).number for project_id in {one.project_id for one in numbered}}
        plans = (Plan(place, self._writes(one, seen[one.memory.project_id])) for place, one in wanted.items())
        restored = dict.fromkeys(range(len(archived)), False)
        for plan, is_written in carry_out(self._table, plans):
            restored[plan.subject] = is_written or self._restore_alone(wanted[plan.subject])
        return list(restored.values())

    def _restore_alone(self, archived: ArchivedMemory) -> bool:
        """Restore one memory; False if its id is known by now."""
        key = _key_of(archived.memory)
        for _ in range(_TRIES):
            if self._table.get(key) is not None:
                return False
            try:
                self._table.transact(self._writes(archived, self._cuts.of(archived.memory.project_id).number))
            except ConditionNotMetError:
                continue
            return True
        raise StoreBusyError("Other writes of this memory kept coming first; try again.")

    def _writes(self, archived: ArchivedMemory, cuts_seen: int) -> list[Write]:
        """Say what restores a memory; a long history is written at once, and seen when the memory is."""
        memory = archived.memory
        history = list(history_rows(memory.project_id, archived.versions))
        if len(history) > LONG_HISTORY:
            self._table.write_many([Put(row) for row in history])
            history = []
        return insertion(
            memory,
            cuts_seen=cuts_seen,
            retention_days=self._retention_days.after(memory),
            text=join(memory) if holds(memory) else None,
            history=history,
        )


def _key_of(memory: Memory) -> keys.Key:
    return keys.memory(memory.project_id, memory.memory_id)


def _is_tombstone(row: Row) -> bool:
    return row["state"] == LifecycleState.DELETED and PURGING not in row
