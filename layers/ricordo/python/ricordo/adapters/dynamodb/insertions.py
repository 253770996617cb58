"""Inserts: what is there and who holds which text is read once, then everything is stored in few transactions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.cuts import Cuts, cuts_from
from ricordo.adapters.dynamodb.expressions import Check, Write
from ricordo.adapters.dynamodb.leases import holds as lease_holds
from ricordo.adapters.dynamodb.leases import lost
from ricordo.adapters.dynamodb.memory_rows import as_stored
from ricordo.adapters.dynamodb.memory_writes import insertion
from ricordo.adapters.dynamodb.retention_days import RetentionDays
from ricordo.adapters.dynamodb.sequences import Sequences
from ricordo.adapters.dynamodb.standing_rows import StandingRows, is_live
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.adapters.dynamodb.transactions import Plan, carry_out
from ricordo.adapters.dynamodb.uniqueness import claim, holders_of, holds, is_held
from ricordo.domain.errors import StoreBusyError
from ricordo.domain.event import EventStatus, Lease
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.ports.memory_store import InsertOutcome, Refused, Stored

_TRIES = 20


@dataclass(frozen=True, slots=True)
class _Seen:
    """The rows that decide whether memories may be stored, and the event's count of cuts under a lease."""

    rows: Mapping[keys.Key, Row]
    cuts_seen: int | None

    def cuts(self, project_id: ProjectId) -> Cuts:
        return cuts_from(self.rows.get(keys.cuts(project_id)))

    def accepted_after(self, memory: Memory) -> int:
        """Return how many cuts there were when the memory was accepted: with its event, or else now."""
        return self.cuts(memory.project_id).number if self.cuts_seen is None else self.cuts_seen

    def text_row(self, memory: Memory) -> Row | None:
        return self.rows.get(keys.uniqueness(memory)) if holds(memory) else None

    def holder_keys(self, memory: Memory) -> list[keys.Key]:
        held_by = holders_of(self.text_row(memory))
        return [keys.memory(memory.project_id, MemoryId(one)) for one in sorted(held_by)]

    def holders(self, memory: Memory) -> list[Row]:
        return [self.rows[key] for key in self.holder_keys(memory) if key in self.rows]


class Insertion:
    """One call of `insert`, from reading what stands to the outcomes."""

    def __init__(
        self, table: Table, standing: StandingRows, retention_days: RetentionDays, lease: Lease | None
    ) -> None:
        self._table = table
        self._standing = standing
        self._retention_days = retention_days
        self._sequences = Sequences(table)
        self._lease = lease
        self._fence = [Check(keys.event(lease.project_id, lease.event_id), lease_holds(lease))] if lease else []

    def run(self, memories: Sequence[Memory]) -> list[InsertOutcome]:
        """Store what may be stored; return an outcome for each memory."""
        seen = self._read(memories)
        outcomes = {place: self._decided(memory, seen) for place, memory in enumerate(memories)}
        free = [place for place, outcome in outcomes.items() if outcome is None]
        numbered = dict(zip(free, self._sequences.number([memories[place] for place in free]), strict=True))
        plans = [Plan(place, self._writes(memory, seen)) for place, memory in numbered.items()]
        for plan, is_written in carry_out(self._table, plans, under=self._fence):
            memory = numbered[plan.subject]
            outcomes[plan.subject] = Stored(as_stored(memory)) if is_written else self._alone(memory)
        return [outcome for _, outcome in sorted(outcomes.items()) if outcome is not None]

    def _alone(self, memory: Memory) -> InsertOutcome:
        """Store one memory on what stands now, again as long as that changes meanwhile."""
        for _ in range(_TRIES):
            seen = self._read([memory])
            outcome = self._decided(memory, seen)
            if outcome is not None:
                return outcome
            try:
                self._table.transact([*self._fence, *self._writes(memory, seen)])
            except ConditionNotMetError:
                continue
            return Stored(as_stored(memory))
        raise StoreBusyError("Other memories with this text kept coming first; try again.")

    def _read(self, memories: Sequence[Memory]) -> _Seen:
        """Read in one go all that decides, and then those who hold the texts, if anybody does."""
        projects = dict.fromkeys(memory.project_id for memory in memories)
        wanted = [keys.memory(memory.project_id, memory.memory_id) for memory in memories]
        wanted += [keys.uniqueness(memory) for memory in memories if holds(memory)]
        wanted += [keys.cuts(project_id) for project_id in projects]
        wanted += [check.key for check in self._fence]
        rows = self._table.get_many(wanted)
        seen = _Seen(rows, self._cuts_seen(rows))
        holders = [key for memory in memories for key in seen.holder_keys(memory) if key not in rows]
        return replace(seen, rows={**rows, **self._table.get_many(holders)}) if holders else seen

    def _cuts_seen(self, rows: Mapping[keys.Key, Row]) -> int | None:
        """Return how many cuts there were when the event was accepted; None without a lease.

        Raises:
            LeaseLostError: another claim raised the epoch, or the event is final.
        """
        if self._lease is None:
            return None
        event = rows.get(keys.event(self._lease.project_id, self._lease.event_id))
        if event is None or (event["epoch"], event["status"]) != (self._lease.epoch, EventStatus.RUNNING):
            raise lost(self._lease)
        return int(event["cuts_seen"])

    def _decided(self, memory: Memory, seen: _Seen) -> InsertOutcome | None:
        """Return why a memory need not or must not be stored, or None where it is to be."""
        cuts = seen.cuts(memory.project_id)
        standing = seen.rows.get(keys.memory(memory.project_id, memory.memory_id))
        if standing is not None:
            return Stored(self._standing.memory(standing)) if is_live(standing, cuts) else Refused("deleted_meanwhile")
        if cuts.hide(memory.scope, seen.accepted_after(memory)):
            return Refused("deleted_meanwhile")
        return Refused("duplicate") if is_held(memory, seen.holders(memory), cuts) else None

    def _writes(self, memory: Memory, seen: _Seen) -> Sequence[Write]:
        return insertion(
            memory,
            cuts_seen=seen.accepted_after(memory),
            retention_days=self._retention_days.after(memory),
            text=claim(memory, seen.text_row(memory), seen.holders(memory)) if holds(memory) else None,
        )
