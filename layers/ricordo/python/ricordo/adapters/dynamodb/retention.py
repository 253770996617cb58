"""Removing for good what has ended: tombstones, histories, expired memories and what only they kept."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from boto3.dynamodb.conditions import Key as SortKey

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.episodes import Episodes
from ricordo.adapters.dynamodb.expressions import Change, Delete, Write
from ricordo.adapters.dynamodb.large_bodies import LargeBodies
from ricordo.adapters.dynamodb.memory_rows import end_us_of, memory_from
from ricordo.adapters.dynamodb.memory_writes import LONG_HISTORY, removal, same_life
from ricordo.adapters.dynamodb.standing_rows import PURGING
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.adapters.dynamodb.transactions import Plan, carry_out
from ricordo.adapters.dynamodb.uniqueness import holds
from ricordo.domain.errors import StoreBusyError
from ricordo.domain.ids import ProjectId
from ricordo.domain.moments import to_micros

_AT_ONCE = 500
_READ_AT_ONCE = 100
_TRIES = 20


class Retention:
    """Removes memories that have ended. What was said goes first: they are what it is found by."""

    def __init__(self, table: Table, bodies: LargeBodies) -> None:
        self._table = table
        self._episodes = Episodes(table, bodies)

    def purge(self, project_id: ProjectId, *, older_than: datetime) -> int:
        """Remove up to 500 memories that ended before a time, and count them."""
        before_us = to_micros(older_than)
        ended = self._ended(project_id, before_us)
        self._episodes.forget(project_id, [(row["event_id"], row["memory_id"]) for row in ended])
        whole = [row for row in ended if row["version"] <= LONG_HISTORY or self._without_history(row)]
        text_rows = self._text_rows(whole)
        plans = [Plan(row, _removal(row, text_rows.get(_text_key(row)))) for row in whole]
        return sum(
            is_written or self._purge_alone(keys.Key(plan.subject["pk"], plan.subject["sk"]), before_us)
            for plan, is_written in carry_out(self._table, plans)
        )

    def _ended(self, project_id: ProjectId, before_us: int) -> list[Row]:
        """Find memories by the index, and read their rows, which decide."""
        where = SortKey("gsi2sk").lt(keys.micros(before_us))
        listed = self._table.query_all(keys.ends(project_id), index="gsi2", where=where)
        ended: list[Row] = []
        while len(ended) < _AT_ONCE and (some := list(islice(listed, _READ_AT_ONCE))):
            rows = self._table.get_many([keys.Key(row["pk"], row["sk"]) for row in some])
            ended += [row for row in rows.values() if _is_ended(row, before_us)]
        return ended[:_AT_ONCE]

    def _purge_alone(self, key: keys.Key, before_us: int) -> bool:
        """Remove one memory as it stands now; False if it is gone, or has not ended any more."""
        for _ in range(_TRIES):
            row = self._table.get(key)
            if row is None or not _is_ended(row, before_us):
                return False
            if row["version"] > LONG_HISTORY and not self._without_history(row):
                continue
            try:
                self._table.transact(_removal(row, self._text_rows([row]).get(_text_key(row))))
            except ConditionNotMetError:
                continue
            return True
        raise StoreBusyError("Other changes of this memory kept coming first; try again.")

    def _without_history(self, row: Row) -> bool:
        """Remove the versions of a memory with many, which from then on nobody sees; False if it has changed."""
        try:
            self._table.write(Change(keys.Key(row["pk"], row["sk"]), same_life(row), set={PURGING: True}))
        except ConditionNotMetError:
            return False
        self._table.write_many([Delete(key) for key in self._version_keys(row["pk"])])
        return True

    def _version_keys(self, partition: str) -> Iterator[keys.Key]:
        where = SortKey("sk").begins_with(keys.VERSIONS)
        return (keys.Key(row["pk"], row["sk"]) for row in self._table.query_all(partition, where=where))

    def _text_rows(self, rows: Sequence[Row]) -> dict[keys.Key, Row]:
        wanted = {_text_key(row) for row in rows if holds(memory_from(row))}
        return dict(self._table.get_many(sorted(wanted)))


def _removal(row: Row, text_row: Row | None) -> list[Write]:
    """Remove a memory and its versions, unless these were too many and went before."""
    count = row["version"] if row["version"] <= LONG_HISTORY else 0
    versions = [keys.Key(row["pk"], keys.version_place(number)) for number in range(1, count + 1)]
    return removal(row, versions, text_row)


def _is_ended(row: Row, before_us: int) -> bool:
    end_us = end_us_of(row)
    return end_us is not None and end_us < before_us


def _text_key(row: Row) -> keys.Key:
    return keys.uniqueness(memory_from(row))
