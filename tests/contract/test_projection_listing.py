"""What every listing of a projection does, be it of an index or of a graph."""

from dataclasses import replace
from datetime import timedelta

from support.builders import OTHER_PROJECT, PROJECT, a_memory, ids_of
from support.clocks import START
from support.graph_stores import listing_of
from support.index_bench import IndexBench

from ricordo.domain.drift import Shown
from ricordo.domain.graph import Entity, Relation
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import MemoryPatch, bury, revise
from ricordo.ports.graph_store import GraphStore
from ricordo.ports.projection_listing import ProjectionListing

LATER = START + timedelta(hours=1)
ANA, BO = Entity("Ana"), Entity("Bo")
KNOWS = Relation("Ana", "knows", "Bo")


def all_listed(listing: ProjectionListing, project_id: ProjectId = PROJECT, *, limit: int = 2) -> list[Shown]:
    """Read all pages."""
    found: list[Shown] = []
    while page := listing.listed(project_id, after=found[-1].memory_id if found else "", limit=limit):
        assert len(page) <= limit
        found += page
    return found


def test_an_index_is_listed_by_id_in_pages(index_bench: IndexBench) -> None:
    """All documents of the project come once, in the order of their ids, and no other project's."""
    stored = index_bench.store(*(a_memory(f"tea {number}") for number in range(5)))
    (elsewhere,) = index_bench.store(a_memory("tea", project_id=OTHER_PROJECT))

    listed = all_listed(index_bench.listing)

    assert listed == [Shown(memory_id, 1) for memory_id in sorted(ids_of(stored))]
    assert all_listed(index_bench.listing, OTHER_PROJECT) == [Shown(elsewhere.memory_id, 1)]


def test_an_index_tells_what_it_shows_of_some_memories(index_bench: IndexBench) -> None:
    """Those asked for come with the version shown; what is removed, unknown or another project's does not."""
    updated, removed, left = index_bench.store(a_memory("tea"), a_memory("milk"), a_memory("salt"))
    (elsewhere,) = index_bench.store(a_memory("tea", project_id=OTHER_PROJECT))
    index_bench.change(revise(updated, MemoryPatch(text="coffee"), now=LATER))
    index_bench.change(bury(removed, now=LATER))

    asked = [updated.memory_id, removed.memory_id, elsewhere.memory_id, MemoryId("unknown")]

    assert index_bench.listing.shown(PROJECT, asked) == {updated.memory_id: Shown(updated.memory_id, 2)}
    assert index_bench.listing.shown(PROJECT, []) == {}
    assert {one.memory_id for one in all_listed(index_bench.listing)} == {updated.memory_id, left.memory_id}


def test_a_graph_is_listed_by_id_in_pages(graph: GraphStore) -> None:
    """All memories of the project come once, in the order of their ids, with how much is shown of each."""
    says = a_memory(entities=(ANA, BO, Entity("ana")), relations=(KNOWS, KNOWS))
    silent = [a_memory() for _ in range(4)]
    graph.upsert([says, *silent, a_memory(project_id=OTHER_PROJECT, entities=(ANA,))])
    listing = listing_of(graph)

    listed = all_listed(listing)

    edges = dict.fromkeys(ids_of(silent), 0) | {says.memory_id: 3}
    assert listed == [Shown(memory_id, 1, edges=edges[memory_id]) for memory_id in sorted(edges)]
    assert len(all_listed(listing, OTHER_PROJECT)) == 1


def test_a_graph_tells_what_it_shows_of_some_memories(graph: GraphStore) -> None:
    """Versions and edges follow updates; a tombstone shows no edges, what is forgotten or unknown is not there."""
    updated, buried, forgotten, unsaid = (a_memory(entities=(ANA, BO), relations=(KNOWS,)) for _ in range(4))
    graph.upsert([updated, buried, forgotten, unsaid])
    graph.upsert([replace(updated, version=3, relations=()), bury(buried, now=LATER)])
    graph.forget(PROJECT, [forgotten.memory_id])
    graph.forget_entity(PROJECT, "bo")
    asked = [updated.memory_id, buried.memory_id, forgotten.memory_id, unsaid.memory_id, MemoryId("unknown")]

    assert listing_of(graph).shown(PROJECT, asked) == {
        updated.memory_id: Shown(updated.memory_id, 3, edges=1),
        buried.memory_id: Shown(buried.memory_id, 2),
        unsaid.memory_id: Shown(unsaid.memory_id, 1, edges=1),
    }
    assert listing_of(graph).shown(PROJECT, []) == {}
