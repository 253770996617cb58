import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from threading import Lock

from boto3.dynamodb.conditions import Attr

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.expressions import Change, Delete
from ricordo.adapters.dynamodb.listing import COUNTED, INDEX, last_first
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.domain.errors import OwnerNotFoundError
from ricordo.domain.ids import ProjectId
from ricordo.domain.moments import from_micros, to_micros
from ricordo.domain.paging import Page, PageRequest
from ricordo.domain.project import OwnerRecord, OwnerTotals
from ricordo.domain.scope import Owner, OwnerType, Scope

SPEAKERS = "speakers"
# An owner has this many, and one touch may bring as many more: of 256 characters each, they still fit into a row.
MAX_SPEAKERS = 100
_HAS_ROOM = Attr(SPEAKERS).not_exists() | Attr(SPEAKERS).size().lt(MAX_SPEAKERS)


class DynamoDBOwnerStore:
    """`ports.owner_store.OwnerStore` over the one table.

    Who speaks is read again when it is `cache_s` old; an owner's first hundred names are kept, give or take. Owners of
    a type are counted to ten thousand.
    """

    def __init__(self, table: Table, *, cache_s: float = 60.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._table = table
        self._speakers = _SpeakerNames(table, cache_s, monotonic)

    def touch(
        self, project_id: ProjectId, scope: Scope, *, at: datetime, speakers: frozenset[str] = frozenset()
    ) -> None:
        names = frozenset(sorted(speakers)[:MAX_SPEAKERS])
        for owner in scope.owners():
            self._touch(project_id, owner, at, names)

    def _touch(self, project_id: ProjectId, owner: Owner, at: datetime, names: frozenset[str]) -> None:
        """Do with one request what is possible with one; only what comes too late, or finds no room, takes more."""
        row = {
            "kind": "owner",
            "format": 1,
            "type": owner.type.value,
            "owner_id": owner.id,
            "gsi1pk": keys.owners_listed(project_id, owner.type),
            "gsi1sk": keys.owner_listed(at, owner),
            "updated_us": to_micros(at),
        }
        is_latest = Attr("updated_us").not_exists() | Attr("updated_us").lte(to_micros(at))
        moved = Change(keys.owner(project_id, owner), is_latest, set=row, once={"created_us": to_micros(at)})
        named = replace(moved, only_if=is_latest & _HAS_ROOM, add={SPEAKERS: names}) if names else moved
        standing = self._in_the_way(named)
        if standing is None:
            return
        if standing["updated_us"] <= to_micros(at):
            self._in_the_way(moved)
        elif not names <= standing.get(SPEAKERS, frozenset()):
            self._in_the_way(Change(moved.key, Attr("pk").exists() & _HAS_ROOM, add={SPEAKERS: names}))

    def _in_the_way(self, change: Change) -> Row | None:
        """Do it, or return the row that stands against it."""
        try:
            self._table.write(change)
        except ConditionNotMetError as error:
            return error.rows[0]
        return None

    def speakers(self, project_id: ProjectId, owners: Collection[Owner]) -> frozenset[str]:
        return self._speakers.of([keys.owner(project_id, owner) for owner in owners])

    def get(self, project_id: ProjectId, owner: Owner) -> OwnerRecord:
        row = self._table.get(keys.owner(project_id, owner))
        if row is None:
            raise OwnerNotFoundError(f"No {owner.type.value} has this id.")
        return _record(project_id, row)

    def list(self, project_id: ProjectId, page: PageRequest) -> Page[OwnerRecord]:
        listed = last_first(self._table, [keys.owners_listed(project_id, kind) for kind in OwnerType], page)
        found = self._table.get_many(listed.keys)
        records = [_record(project_id, found[key]) for key in listed.keys if key in found]
        return Page(records, listed.total, page, listed.end, listed.is_total_exact)

    def totals(self, project_id: ProjectId) -> OwnerTotals:
        return OwnerTotals(
            *(
                self._table.count(keys.owners_listed(project_id, owner_type), index=INDEX, at_most=COUNTED)
                for owner_type in OwnerType
            )
        )

    def remove(self, project_id: ProjectId, owner: Owner) -> None:
        self._table.write(Delete(keys.owner(project_id, owner)))


class _SpeakerNames:
    """Names by owner; those of the `capacity` owners asked for last are kept. Threads may share them."""

    def __init__(self, table: Table, cache_s: float, monotonic: Callable[[], float], capacity: int = 1024) -> None:
        self._table = table
        self._cache_s = cache_s
        self._monotonic = monotonic
        self._capacity = capacity
        self._read: OrderedDict[keys.Key, tuple[float, frozenset[str]]] = OrderedDict()
        self._lock = Lock()

    def of(self, owners: Collection[keys.Key]) -> frozenset[str]:
        """Return the names of all who speak with these owners."""
        now = self._monotonic()
        with self._lock:
            known = {key: self._read[key] for key in owners if key in self._read}
        names = {key: names for key, (read_at, names) in known.items() if now - read_at < self._cache_s}
        missing = [key for key in owners if key not in names]
        rows = self._table.get_many(missing, only=[SPEAKERS]) if missing else {}
        fresh = {key: frozenset(rows.get(key, {}).get(SPEAKERS, ())) for key in missing}
        with self._lock:
            for key, read in fresh.items():
                self._read[key] = (now, read)
                self._read.move_to_end(key)
            while len(self._read) > self._capacity:
                self._read.popitem(last=False)
        return frozenset().union(*names.values(), *fresh.values())


def _record(project_id: ProjectId, row: Row) -> OwnerRecord:
    return OwnerRecord(
        project_id=project_id,
        type=OwnerType(row["type"]),
        owner_id=row["owner_id"],
        created_at=from_micros(row["created_us"]),
        updated_at=from_micros(row["updated_us"]),
    )
