"""What was said, removed once none of the memories made from it is left and no more will come."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from boto3.dynamodb.conditions import Attr

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.event_rows import OBJECTS_LEFT, objects_of
from ricordo.adapters.dynamodb.expressions import Change, Delete
from ricordo.adapters.dynamodb.large_bodies import BODY, LargeBodies
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.domain.event import EventStatus
from ricordo.domain.ids import EventId, MemoryId, ProjectId

_FINAL = Attr("status").is_in([status.value for status in EventStatus if status.is_final])
_LOOKED_AT = 100


class Episodes:
    """Removes episodes, extracted facts and the results of events."""

    def __init__(self, table: Table, bodies: LargeBodies) -> None:
        self._table = table
        self._bodies = bodies

    def forget(self, project_id: ProjectId, ended: Iterable[tuple[EventId, MemoryId]]) -> None:
        """Remove what was said in the events whose every memory is among these, which are still there or were."""
        going: defaultdict[EventId, set[str]] = defaultdict(set)
        for event_id, memory_id in ended:
            going[event_id].add(keys.memory(project_id, memory_id).pk)
        events = self._table.get_many([keys.event(project_id, event_id) for event_id in going], only=("status",))
        for event_id, partitions in going.items():
            event = events.get(keys.event(project_id, event_id))
            if (
                event
                and EventStatus(event["status"]).is_final
                and not self._has_others(project_id, event_id, partitions)
            ):
                self._forget(project_id, event_id)

    def _has_others(self, project_id: ProjectId, event_id: EventId, going: Collection[str]) -> bool:
        """Say whether an event has other memories; the index names them, their rows decide."""
        partition = keys.event(project_id, event_id).pk
        listed = [
            keys.Key(row["pk"], row["sk"])
            for row in self._table.query_all(partition, index="gsi1")
            if row["pk"] not in going
        ]
        return any(
            self._table.get_many(listed[start : start + _LOOKED_AT], only=("version",))
            for start in range(0, len(listed), _LOOKED_AT)
        )

    def _forget(self, project_id: ProjectId, event_id: EventId) -> None:
        """Remove the rows at once, then the objects they named: the event names those until they are gone."""
        event = keys.event(project_id, event_id)
        beside = [keys.episode(project_id, event_id), keys.facts(project_id, event_id)]
        found = self._table.get_many([event, *beside])
        objects = found[event].get(OBJECTS_LEFT, frozenset()) | objects_of(found.values())
        try:
            if any(key in found for key in beside) or BODY in found[event]:
                emptied = Change(event, _FINAL, set={OBJECTS_LEFT: objects or None}, remove=[BODY])
                self._table.transact([emptied, *(Delete(key) for key in beside)])
            for name in objects:
                self._bodies.discard(name, None)
            if objects:
                self._table.write(Change(event, _FINAL, remove=[OBJECTS_LEFT]))
        except ConditionNotMetError:
            return  # it was removed or taken up again meanwhile, and whoever ends it next looks again
