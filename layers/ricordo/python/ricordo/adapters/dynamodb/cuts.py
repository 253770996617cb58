"""What `delete_all` has hidden: rules instead of marks on rows, so that hiding any number takes one write.

Each project counts its cuts. An event, and a memory, remembers how many there were when it was accepted; a later
cut whose owners match hides it, whether it is stored already or comes after. No clock decides.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from boto3.dynamodb.conditions import Attr

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row, dump
from ricordo.adapters.dynamodb.expressions import Put
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.domain.errors import StoreBusyError
from ricordo.domain.ids import ProjectId
from ricordo.domain.scope import WILDCARD, OwnerType, Scope

MAX_OPEN = 1000
_MAX_CHARS = 250_000  # of the row's text; an owner's id has up to 512 characters
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Cut:
    """Hides what was accepted before it and has these owners; `*` is any owner of the type.

    Attributes:
        swept_us: When everything under it had been removed for the first time; what was on its way then may have
            come since.
    """

    number: int
    owners: Mapping[OwnerType, str]
    swept_us: int | None = None

    def hides(self, scope: Scope, seen: int) -> bool:
        """Say whether it hides a memory of this scope, accepted when there were `seen` cuts."""
        return seen < self.number and all(
            scope[owner_type] is not None and owner_id in (WILDCARD, scope[owner_type])
            for owner_type, owner_id in self.owners.items()
        )


@dataclass(frozen=True, slots=True)
class Cuts:
    """The cuts of a project that still hide something, and how many there ever were."""

    number: int = 0
    open: Sequence[Cut] = ()

    def hide(self, scope: Scope, seen: int) -> bool:
        """Say whether one of them hides a memory of this scope, accepted when there were `seen` cuts."""
        return seen < self.number and any(cut.hides(scope, seen) for cut in self.open)


NONE = Cuts()


def cuts_from(row: Row | None) -> Cuts:
    """Read the row of the cuts; without one there were none."""
    if row is None:
        return NONE
    spelled: list[dict[str, Any]] = json.loads(row["cuts"])
    return Cuts(row["number"], [_cut_from(cut) for cut in spelled])


def _cut_from(fields: Mapping[str, Any]) -> Cut:
    owners = {OwnerType(owner_type): owner_id for owner_type, owner_id in fields["owners"].items()}
    return Cut(fields["number"], owners, fields.get("swept_us"))


class CutRows:
    """Reads and writes the row of the cuts."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, project_id: ProjectId) -> Cuts:
        """Return the cuts as they stand."""
        return cuts_from(self._table.get(keys.cuts(project_id)))

    def add(self, project_id: ProjectId, owners: Mapping[OwnerType, str]) -> tuple[Cuts, Cut]:
        """Write a new cut; return the cuts before it, and it.

        Raises:
            StoreBusyError: too many deletions wait to be carried out.
        """

        def with_one_more(before: Cuts) -> Cuts:
            number = before.number + 1
            after = Cuts(number, [*before.open, Cut(number, owners)])
            if len(after.open) > MAX_OPEN or len(_spelled(after)) > _MAX_CHARS:
                raise StoreBusyError("Too many deletions wait to be carried out in this project; try again later.")
            return after

        before, after = self._rewritten(project_id, with_one_more)
        return before, after.open[-1]

    def note(self, project_id: ProjectId, *, swept: Collection[int], swept_us: int, closed: Collection[int]) -> None:
        """Note which cuts were swept, and drop those that hide nothing any more and never will."""

        def noted(before: Cuts) -> Cuts:
            left = [cut for cut in before.open if cut.number not in closed]
            return Cuts(
                before.number, [replace(cut, swept_us=swept_us) if cut.number in swept else cut for cut in left]
            )

        if swept or closed:
            self._rewritten(project_id, noted)

    def _rewritten(self, project_id: ProjectId, change: Callable[[Cuts], Cuts]) -> tuple[Cuts, Cuts]:
        """Rewrite the row under the condition that nobody else has meanwhile."""
        for _ in range(_TRIES):
            row = self._table.get(keys.cuts(project_id))
            before = cuts_from(row)
            after = change(before)
            unchanged = (
                Attr("cuts").eq(row["cuts"]) & Attr("number").eq(row["number"]) if row else Attr("pk").not_exists()
            )
            try:
                self._table.write(Put(_row(project_id, after), unchanged))
            except ConditionNotMetError:
                continue
            return before, after
        raise StoreBusyError("Other deletions in this project kept coming first; try again.")


def _spelled(cuts: Cuts) -> str:
    return dump(
        [
            {
                "number": cut.number,
                "owners": {owner_type.value: owner_id for owner_type, owner_id in cut.owners.items()},
                **({"swept_us": cut.swept_us} if cut.swept_us is not None else {}),
            }
            for cut in cuts.open
        ]
    )


def _row(project_id: ProjectId, cuts: Cuts) -> Row:
    return {
        **keys.cuts(project_id)._asdict(),
        "kind": "cuts",
        "format": 1,
        "number": cuts.number,
        "cuts": _spelled(cuts),
    }
