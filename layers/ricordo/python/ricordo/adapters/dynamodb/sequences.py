"""Places of memories in their threads."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from boto3.dynamodb.conditions import Attr

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.expressions import Change
from ricordo.adapters.dynamodb.memory_rows import FORMAT
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.domain.ids import ProjectId
from ricordo.domain.memory import Memory

_LAST = "last"  # the last place given in a thread
_SAID = {"kind": "sequence", "format": FORMAT}


class Sequences:
    """Gives places out, one request a thread; those of memories that are not stored then stay empty."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def number(self, memories: Sequence[Memory]) -> list[Memory]:
        """Give each memory without a place the next one of its thread."""
        threads = Counter((memory.project_id, memory.thread) for memory in memories if not memory.sequence)
        free = {thread: self._places(*thread, count) for thread, count in threads.items()}
        return [
            memory if memory.sequence else replace(memory, sequence=next(free[memory.project_id, memory.thread]))
            for memory in memories
        ]

    def _places(self, project_id: ProjectId, thread: str, count: int) -> Iterator[int]:
        row = self._table.write(Change(keys.sequence(project_id, thread), set=_SAID, add={_LAST: count})) or {}
        return iter(range(row[_LAST] - count + 1, row[_LAST] + 1))

    def pass_by(self, memories: Sequence[Memory]) -> None:
        """Have the places these memories bring along never given out again."""
        last: defaultdict[tuple[ProjectId, str], int] = defaultdict(int)
        for memory in memories:
            if memory.sequence:
                thread = memory.project_id, memory.thread
                last[thread] = max(last[thread], memory.sequence)
        for thread, place in last.items():
            is_behind = Attr(_LAST).not_exists() | Attr(_LAST).lt(place)
            try:
                self._table.write(Change(keys.sequence(*thread), is_behind, set={**_SAID, _LAST: place}))
            except ConditionNotMetError:
                continue
