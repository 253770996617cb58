"""Who speaks in an owner's memories, read from the file once and then only where it changed."""

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from ricordo.adapters.sqlite.database import Database
from ricordo.domain.ids import ProjectId
from ricordo.domain.scope import Owner


class _Seen(NamedTuple):
    names: frozenset[str] = frozenset()
    change: int = 0
    purge: int = 0


class SpeakerNames:
    """Names by owner; those of the `capacity` owners asked for last are kept. Threads may share them."""

    def __init__(self, database: Database, capacity: int = 1024) -> None:
        self._database = database
        self._capacity = capacity
        self._seen: OrderedDict[tuple[ProjectId, Owner], _Seen] = OrderedDict()
        self._lock = Lock()

    def of(self, project_id: ProjectId, owner: Owner) -> frozenset[str]:
        """Return who speaks in an owner's memories, in deleted ones too until they are purged."""
        key = (project_id, owner)
        with self._lock:
            known = self._seen.get(key, _Seen())
        seen = self._caught_up(known, project_id, owner)
        with self._lock:
            self._seen[key] = seen
            self._seen.move_to_end(key)
            if len(self._seen) > self._capacity:
                self._seen.popitem(last=False)
        return seen.names

    def _caught_up(self, seen: _Seen, project_id: ProjectId, owner: Owner) -> _Seen:
        with self._database.reading() as connection:
            (purge,) = connection.execute("SELECT purge FROM counters").fetchone()
            if purge != seen.purge:
                seen = _Seen(purge=purge)
            rows = connection.execute(
                "SELECT speaker, max(change) FROM memories"
                f" WHERE project_id = ? AND {owner.type.field} = ? AND change > ? GROUP BY speaker",
                (project_id, owner.id, seen.change),
            ).fetchall()
        if not rows:
            return seen
        names = seen.names | {speaker for speaker, _ in rows if speaker is not None}
        return _Seen(names, max(newest for _, newest in rows), seen.purge)
