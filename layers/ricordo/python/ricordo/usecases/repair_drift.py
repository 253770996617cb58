from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Final

from ricordo.domain.drift import Drift, DriftKind, Shown, drift_in_graph, drift_in_index
from ricordo.domain.errors import ProjectionError
from ricordo.domain.filters import All
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.domain.paging import PageRequest, Place
from ricordo.ports.clock import Clock
from ricordo.ports.graph_store import GraphStore
from ricordo.ports.memory_store import MemoryStore
from ricordo.ports.projection_feed import ProjectionFeed, Standing
from ricordo.ports.projection_listing import ProjectionListing
from ricordo.ports.search_index import SearchIndex
from ricordo.usecases.project_changes import project_to_graph, project_to_index

PAGE: Final = 100
LISTED_AT_ONCE: Final = 500
_PENDING_READ: Final = 1000
_JUST_NOW: Final = timedelta(minutes=5)
_RETRIED_FOR: Final = timedelta(days=1)  # a stream keeps a record so long, and its consumers may try it until then
_ORPHANED: Final = frozenset({DriftKind.ORPHANED})
_MISSING_OR_STALE: Final = frozenset({DriftKind.MISSING, DriftKind.STALE})


class Part(StrEnum):
    """What is gone through, in this order: the truth, then what each projection shows."""

    TRUTH = "truth"
    INDEX = "index"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True)
class RepairPlace:
    """How far a repair has come.

    Attributes:
        number: The next page of the truth.
        after: Where the last page ended; empty at the beginning of a part.
        total: What was counted for the first page.
    """

    part: Part = Part.TRUTH
    number: int = 1
    after: str = ""
    total: int = 0


@dataclass(frozen=True, slots=True)
class Projections:
    """The truth, its projections, and what they show; an installation may have no graph."""

    memories: MemoryStore
    feed: ProjectionFeed
    index: SearchIndex
    shown_by_index: ProjectionListing
    graph: GraphStore | None
    shown_by_graph: ProjectionListing | None
    visible_after_s: float


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a page of a repair found and mended, and where to go on; None at the end."""

    index: Drift
    graph: Drift
    place: RepairPlace | None


def repair_drift(project_id: ProjectId, place: RepairPlace, *, projections: Projections, clock: Clock) -> Repaired:
    """Compare one page of the truth with what is shown of it, or of what is shown with the truth, and mend it.

    Whatever looks wrong is read from the truth once more, and what changed just now, or may still be on its way, is
    left to the consumers of changes. To mend is to do their work: to repeat it, or do it beside them, is harmless.

    Raises:
        UnavailableError: the truth or a projection is down; the page can be repeated.
    """
    index, graph = _index_side(project_id, projections, clock), _graph_side(project_id, projections, clock)
    if place.part is Part.TRUTH:
        return _repair_page(project_id, place, memories=projections.memories, index=index, graph=graph)
    side = index if place.part is Part.INDEX else graph
    if side is None:
        return Repaired(Drift(), Drift(), None)
    page = side.listing.listed(project_id, after=place.after, limit=LISTED_AT_ONCE)
    removed = side.sweep(page)
    if place.part is Part.GRAPH:
        return Repaired(Drift(), removed, replace(place, after=page[-1].memory_id) if page else None)
    return Repaired(removed, Drift(), replace(place, after=page[-1].memory_id) if page else RepairPlace(Part.GRAPH))


def _repair_page(
    project_id: ProjectId, place: RepairPlace, *, memories: MemoryStore, index: "_Side", graph: "_Side | None"
) -> Repaired:
    """Mend what is missing or stale of a page of the truth."""
    ended = Place(place.after, place.total) if place.after else None
    page = memories.list(project_id, All(), PageRequest(place.number, PAGE, ended))
    in_index = index.compare(page.items)
    in_graph = graph.compare(page.items) if graph else Drift()
    if not page.has_next or page.end is None:
        return Repaired(in_index, in_graph, RepairPlace(Part.INDEX))
    return Repaired(in_index, in_graph, RepairPlace(Part.TRUTH, place.number + 1, page.end.after, page.end.total))


@dataclass(frozen=True, slots=True)
class _Side:
    """One projection, and the truth about what it shows."""

    project_id: ProjectId
    feed: ProjectionFeed
    clock: Clock
    listing: ProjectionListing
    drift: Callable[[Shown | None, Memory | None], DriftKind | None]
    project: Callable[[Mapping[MemoryId, int]], None]

    def compare(self, memories: Sequence[Memory]) -> Drift:
        """Mend what is missing or stale of these memories."""
        shown = self.listing.shown(self.project_id, [memory.memory_id for memory in memories])
        suspects = [one.memory_id for one in memories if self.drift(shown.get(one.memory_id), one)]
        return self.repair(shown, suspects, _MISSING_OR_STALE)

    def sweep(self, page: Sequence[Shown]) -> Drift:
        """Remove what is shown of memories that are not there any more."""
        suspects = [one.memory_id for one in page if self.drift(one, None)]
        return self.repair({one.memory_id: one for one in page}, suspects, _ORPHANED)

    def repair(
        self, shown: Mapping[MemoryId, Shown], suspects: Sequence[MemoryId], kinds: Collection[DriftKind]
    ) -> Drift:
        """Mend what the truth, read now, says is wrong in one of these ways with what is shown of the suspects."""
        standing = self.feed.standing(self.project_id, suspects) if suspects else {}
        found: dict[MemoryId, DriftKind] = {}
        for memory_id in suspects:
            one = standing.get(memory_id)
            kind = self.drift(shown.get(memory_id), one.memory if one is not None and one.is_live else None)
            if kind is not None and kind in kinds:
                found[memory_id] = kind
        on_their_way = self._on_their_way([standing[memory_id].memory for memory_id in found if memory_id in standing])
        for memory_id in on_their_way:
            del found[memory_id]
        return Drift.of(found.values(), mended=self._mend(found, shown, standing))

    def _on_their_way(self, changed: Sequence[Memory]) -> frozenset[MemoryId]:
        """Return those of these memories whose last change the consumers may yet project."""
        now = self.clock.now()
        since = {memory.memory_id: now - max(memory.accepted_at, memory.updated_at) for memory in changed}
        if all(age > _RETRIED_FOR for age in since.values()):
            return frozenset()
        pending = self.feed.pending(self.project_id, All(), limit=_PENDING_READ, now=now)
        return frozenset(
            memory_id
            for memory_id, age in since.items()
            if age <= _JUST_NOW
            or (age <= _RETRIED_FOR and (memory_id in pending.memory_ids or not pending.is_complete))
        )

    def _mend(
        self,
        found: Mapping[MemoryId, DriftKind],
        shown: Mapping[MemoryId, Shown],
        standing: Mapping[MemoryId, Standing],
    ) -> int:
        """Project these memories anew and count them; one that is shown ahead of the truth cannot be set back."""
        versions = {memory_id: _last_version(shown.get(memory_id), standing.get(memory_id)) for memory_id in found}
        behind = {
            memory_id: version
            for memory_id, version in versions.items()
            if memory_id not in standing or standing[memory_id].memory.version >= version
        }
        if not behind:
            return 0
        try:
            self.project(behind)
        except ProjectionError as error:
            return len(behind) - len(error.memory_ids.intersection(behind))
        return len(behind)


def _last_version(shown: Shown | None, standing: Standing | None) -> int:
    return max(shown.version if shown else 0, standing.memory.version if standing else 0)


def _index_side(project_id: ProjectId, projections: Projections, clock: Clock) -> _Side:
    project = partial(
        project_to_index,
        project_id=project_id,
        feed=projections.feed,
        index=projections.index,
        clock=clock,
        visible_after_s=projections.visible_after_s,
    )
    return _Side(project_id, projections.feed, clock, projections.shown_by_index, drift_in_index, project)


def _graph_side(project_id: ProjectId, projections: Projections, clock: Clock) -> _Side | None:
    if projections.graph is None or projections.shown_by_graph is None:
        return None
    project = partial(project_to_graph, project_id=project_id, feed=projections.feed, graph=projections.graph)
    return _Side(project_id, projections.feed, clock, projections.shown_by_graph, drift_in_graph, project)
