"""`delete_all` in two steps: a cut hides at once, and what it hides is buried in the background."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from boto3.dynamodb.conditions import Attr

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.cuts import Cut, CutRows, Cuts
from ricordo.adapters.dynamodb.expressions import Change
from ricordo.adapters.dynamodb.links import Link, Links
from ricordo.adapters.dynamodb.owner_store import SPEAKERS
from ricordo.adapters.dynamodb.replacements import Replacements
from ricordo.adapters.dynamodb.standing_rows import StandingRows, is_gone, is_live
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.adapters.dynamodb.transactions import carry_out
from ricordo.domain.event import EventStatus
from ricordo.domain.filters import Expression, owner_pattern
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory, bury
from ricordo.domain.moments import to_micros
from ricordo.domain.scope import WILDCARD, Owner

_BURIED_AT_ONCE = 40
_ON_ITS_WAY = timedelta(minutes=5)  # what was being stored when a cut was swept has come by then, or never will


class Hiding:
    """Writes cuts, and works off what they hide."""

    def __init__(self, table: Table, standing: StandingRows, replacements: Replacements) -> None:
        self._table = table
        self._standing = standing
        self._replacements = replacements
        self._links = Links(table)
        self._cuts = CutRows(table)

    def hide(self, project_id: ProjectId, where: Expression) -> int:
        """Hide what has these owners and was accepted before now; count what is stored of it."""
        before, cut = self._cuts.add(project_id, owner_pattern(where))
        if len(cut.owners) == 1:
            self._forget_speakers(project_id, cut)
        return sum(not before.hide(link.scope, link.cuts_seen) for link in self._under(project_id, cut))

    def _forget_speakers(self, project_id: ProjectId, cut: Cut) -> None:
        for owner in _named(cut):
            forget = Change(keys.owner(project_id, owner), Attr(SPEAKERS).exists(), remove=[SPEAKERS])
            try:
                self._table.write(forget)
            except ConditionNotMetError:
                continue

    def _under(self, project_id: ProjectId, cut: Cut) -> Iterator[Link]:
        """Yield the links of what a cut hides, from the fewest partitions that hold all of them."""
        named = sorted(_named(cut), key=lambda owner: len(keys.link_partitions(project_id, owner)))
        walked = self._links.walk(project_id, frozenset(named[:1]) or None, only_if=Attr("cuts_seen").lt(cut.number))
        return (link for link in walked if cut.hides(link.scope, link.cuts_seen))

    def remove(self, project_id: ProjectId, *, limit: int, now: datetime) -> int:
        """Bury up to `limit` hidden memories and count them.

        A cut is closed once nothing is left under it, twice with some time between, and no event accepted before it
        is unfinished.
        """
        cuts = self._cuts.of(project_id)
        left, swept, closed = limit, set(), set()
        for cut in [cut for cut in cuts.open if cut.swept_us is None]:
            left -= self._sweep(project_id, cut, limit=left, now=now)
            if left:
                swept.add(cut.number)
        for cut in self._closable(project_id, cuts, now) if left else ():
            found = self._sweep(project_id, cut, limit=left, now=now)
            left -= found
            if not found and left:
                closed.add(cut.number)
        self._cuts.note(project_id, swept=swept, swept_us=to_micros(now), closed=closed)
        return limit - left

    def _sweep(self, project_id: ProjectId, cut: Cut, *, limit: int, now: datetime) -> int:
        """Bury up to `limit` of what a cut hides and count it; fewer means that nothing is left."""
        links = self._under(project_id, cut)
        left = limit
        while left and (some := list(islice(links, min(left, _BURIED_AT_ONCE)))):
            left -= self._bury(project_id, [link.memory_id for link in some], now)
        return limit - left

    def _bury(self, project_id: ProjectId, memory_ids: Sequence[MemoryId], now: datetime) -> int:
        rows, cuts = self._standing.with_cuts(project_id, memory_ids)
        doomed = [(row, memory) for row in rows.values() if (memory := self._buried(row, cuts, now)) is not None]
        return sum(
            is_written or self._bury_alone(plan.subject, now)
            for plan, is_written in carry_out(self._table, self._replacements.plans(doomed))
        )

    def _bury_alone(self, memory: Memory, now: datetime) -> bool:
        return self._replacements.replace(
            memory.project_id, memory.memory_id, lambda row, cuts: self._buried(row, cuts, now)
        )

    def _buried(self, row: Row | None, cuts: Cuts, now: datetime) -> Memory | None:
        """Return the tombstone of a memory that a cut hides, or None where there is nothing to bury."""
        if row is None or is_gone(row) or is_live(row, cuts):
            return None
        return bury(self._standing.memory(row), now=now)

    def _closable(self, project_id: ProjectId, cuts: Cuts, now: datetime) -> list[Cut]:
        swept_before = to_micros(now - _ON_ITS_WAY)
        old = [cut for cut in cuts.open if cut.swept_us is not None and cut.swept_us <= swept_before]
        seen = self._cuts_seen_by_unfinished(project_id) if old else []
        return [cut for cut in old if cut.number <= min(seen, default=cut.number)]

    def _cuts_seen_by_unfinished(self, project_id: ProjectId) -> list[int]:
        """Return how many cuts there were when each event was accepted that may still store memories.

        An event moves within the index when it is renewed or handed back, so each partition is read from both ends:
        what moves past one reader comes towards the other.
        """
        mine = Attr("pk").begins_with(keys.events_prefix(project_id))
        listed = {
            keys.Key(row["pk"], row["sk"])
            for shard in range(keys.DUE_SHARDS)
            for newest_first in (False, True)
            for row in self._table.query_all(keys.due(shard), index="gsi2", only_if=mine, newest_first=newest_first)
        }
        rows = self._table.get_many(sorted(listed), only=("status", "cuts_seen"))
        return [row["cuts_seen"] for row in rows.values() if not EventStatus(row["status"]).is_final]


def _named(cut: Cut) -> list[Owner]:
    return [Owner(owner_type, owner_id) for owner_type, owner_id in cut.owners.items() if owner_id != WILDCARD]
