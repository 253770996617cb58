"""Writes that belong together, several sets of them in one transaction as far as the limits allow."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ricordo.adapters.dynamodb.attributes import size_of, to_item
from ricordo.adapters.dynamodb.expressions import Put, Write
from ricordo.adapters.dynamodb.keys import Key
from ricordo.adapters.dynamodb.table import MAX_TRANSACTION_ITEMS, ConditionNotMetError, Table

MAX_BYTES = 3_500_000  # a transaction takes 4 MB, and the spelling of conditions counts

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Plan(Generic[S]):
    """What must be written for `subject`, all or nothing."""

    subject: S
    writes: Sequence[Write]

    @property
    def size(self) -> int:
        """Bytes it adds to a transaction, roughly."""
        return sum(size_of(to_item(write.row)) for write in self.writes if isinstance(write, Put))


def carry_out(table: Table, plans: Iterable[Plan[S]], *, under: Sequence[Write] = ()) -> Iterator[tuple[Plan[S], bool]]:
    """Write plans in their order, many to a transaction, each transaction with `under` besides.

    Yields each plan and whether it was written. One that was not may be carried out alone: a condition failed, its own
    or that of a plan beside it.
    """
    for group in _grouped(plans, MAX_TRANSACTION_ITEMS - len(under)):
        try:
            table.transact([*under, *(write for plan in group for write in plan.writes)])
        except ConditionNotMetError:
            yield from ((plan, False) for plan in group)
        else:
            yield from ((plan, True) for plan in group)


def _grouped(plans: Iterable[Plan[S]], room: int) -> Iterator[list[Plan[S]]]:
    """Put plans together that fit and share no row, which no transaction may name twice."""
    group: list[Plan[S]] = []
    taken: set[Key] = set()
    items = size = 0
    for plan in plans:
        named = {_key_of(write) for write in plan.writes}
        if group and (items + len(named) > room or size + plan.size > MAX_BYTES or taken & named):
            yield group
            group, taken, items, size = [], set(), 0, 0
        group.append(plan)
        taken |= named
        items += len(named)
        size += plan.size
    if group:
        yield group


def _key_of(write: Write) -> Key:
    return Key(write.row["pk"], write.row["sk"]) if isinstance(write, Put) else write.key
