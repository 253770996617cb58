"""How a projection may differ from the truth."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from ricordo.domain.graph import entity_key
from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import Memory


class DriftKind(StrEnum):
    """What is wrong with what a projection shows of a memory."""

    MISSING = "missing"
    STALE = "stale"
    ORPHANED = "orphaned"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a projection shows of one memory.

    Attributes:
        version: The latest version shown.
        edges: In a graph, how many mentions and relations are shown.
        is_single: False where others, of whatever version, stand beside the latest one.
    """

    memory_id: MemoryId
    version: int
    edges: int = 0
    is_single: bool = True


@dataclass(frozen=True, slots=True)
class Drift:
    """How often a projection differed from the truth, and how much of that was mended."""

    missing: int = 0
    stale: int = 0
    orphaned: int = 0
    mended: int = 0

    @classmethod
    def of(cls, kinds: Collection[DriftKind], *, mended: int) -> "Drift":
        """Count differences."""
        counted = {kind.value: sum(one is kind for one in kinds) for kind in DriftKind}
        return cls(**counted, mended=mended)

    def __add__(self, other: "Drift") -> "Drift":
        return Drift(
            self.missing + other.missing,
            self.stale + other.stale,
            self.orphaned + other.orphaned,
            self.mended + other.mended,
        )


def drift_in_index(shown: Shown | None, memory: Memory | None) -> DriftKind | None:
    """Say what is wrong with an index that shows this of a memory; without a live memory it must show nothing."""
    if memory is None:
        return None if shown is None else DriftKind.ORPHANED
    if shown is None:
        return DriftKind.MISSING
    return None if shown.version == memory.version and shown.is_single else DriftKind.STALE


def drift_in_graph(shown: Shown | None, memory: Memory | None) -> DriftKind | None:
    """Say the same of a graph, which may remember the version of a memory that is gone, but no edge."""
    if memory is None:
        return DriftKind.ORPHANED if shown is not None and shown.edges else None
    if shown is None:
        return DriftKind.MISSING
    is_right = shown.version == memory.version and shown.edges == edge_count(memory)
    return None if is_right else DriftKind.STALE


def edge_count(memory: Memory) -> int:
    """Return how many mentions and relations a graph shows of a memory: of those with one key, one."""
    mentions = {entity.key for entity in memory.entities}
    relations = {(entity_key(one.source), one.type, entity_key(one.target)) for one in memory.relations}
    return len(mentions) + len(relations)
