"""A graph against the plainest model of one: whatever is done, in whatever order, both agree."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import OTHER_PROJECT, PROJECT, a_memory

from ricordo.domain.graph import Entity, EntityType, Relation
from ricordo.domain.ids import MemoryId, ProjectId
from ricordo.domain.memory import Memory
from ricordo.ports.graph_store import GraphStore

NAMES = ["Ana", "ana", "Bo", "Lisbon"]
KEYS = ["ana", "bo", "lisbon"]
IDS = [MemoryId(f"m{number}") for number in range(3)]

projects = st.sampled_from([PROJECT, OTHER_PROJECT])
entities = st.builds(Entity, st.sampled_from(NAMES), st.sampled_from([EntityType.PERSON, EntityType.OTHER]))
relations = st.builds(Relation, st.sampled_from(NAMES), st.sampled_from(["knows", "met"]), st.sampled_from(NAMES))
memories = st.builds(
    lambda project_id, memory_id, version, entities, relations: a_memory(
        project_id=project_id,
        memory_id=memory_id,
        version=version,
        entities=tuple(entities),
        relations=tuple(relations),
    ),
    projects,
    st.sampled_from(IDS),
    st.integers(1, 3),
    st.lists(entities, max_size=3),
    st.lists(relations, max_size=3),
)


@dataclass
class Model:
    """What a graph ought to show: each memory as it was last said, firsts only."""

    said: dict[tuple[ProjectId, MemoryId], Memory] = field(default_factory=dict)

    def upsert(self, given: list[Memory]) -> None:
        """Take the latest of each."""
        for memory in sorted(given, key=lambda one: one.version):
            key = (memory.project_id, memory.memory_id)
            if key not in self.said or self.said[key].version <= memory.version:
                self.said[key] = memory

    def forget(self, project_id: ProjectId, memory_ids: list[MemoryId]) -> None:
        """Drop memories."""
        for memory_id in memory_ids:
            self.said.pop((project_id, memory_id), None)

    def forget_entity(self, project_id: ProjectId, key: str) -> None:
        """Drop an entity from what each memory says."""
        for at, memory in self.of(project_id).items():
            self.said[project_id, at] = replace(
                memory,
                entities=tuple(one for one in memory.entities if one.key != key),
                relations=tuple(one for one in memory.relations if key not in ends(one)),
            )

    def forget_project(self, project_id: ProjectId) -> None:
        """Drop all."""
        self.forget(project_id, IDS)

    def of(self, project_id: ProjectId) -> dict[MemoryId, Memory]:
        """Return the memories of a project."""
        return {memory_id: memory for (of, memory_id), memory in self.said.items() if of == project_id}

    def entities(self, project_id: ProjectId, memory_id: MemoryId) -> list[Entity]:
        """Return what a memory mentions."""
        memory = self.of(project_id).get(memory_id)
        firsts = {entity.key: entity for entity in reversed(memory.entities)} if memory else {}
        return [firsts[key] for key in sorted(firsts)]

    def mentions(self, project_id: ProjectId) -> list[MemoryId]:
        """Return all that mention anything, most first."""
        counts = Counter({at: len(self.entities(project_id, at)) for at in self.of(project_id)})
        return sorted((at for at, count in counts.items() if count), key=lambda at: (-counts[at], at))

    def neighbourhood(self, project_id: ProjectId, key: str, hops: int) -> set[Relation]:
        """Return the relations around an entity."""
        stated: set[Relation] = set()
        for memory in self.of(project_id).values():
            firsts = {(*ends(one), one.type): one for one in reversed(memory.relations)}
            stated |= set(firsts.values())
        reached, found = {key}, set[Relation]()
        for _ in range(hops):
            found = {one for one in stated if set(ends(one)) & reached}
            reached |= {end for one in found for end in ends(one)}
        return found


def ends(relation: Relation) -> tuple[str, str]:
    """Return the keys a relation joins."""
    return Entity(relation.source).key, Entity(relation.target).key


Change = Callable[[GraphStore | Model], None]
changes: st.SearchStrategy[Change] = st.one_of(
    st.lists(memories, max_size=3).map(lambda given: lambda graph: graph.upsert(given)),
    st.tuples(projects, st.lists(st.sampled_from(IDS))).map(lambda given: lambda graph: graph.forget(*given)),
    st.tuples(projects, st.sampled_from(KEYS)).map(lambda given: lambda graph: graph.forget_entity(*given)),
    projects.map(lambda project: lambda graph: graph.forget_project(project)),
)


@settings(max_examples=60, deadline=None)
@given(done=st.lists(changes, max_size=8))
def test_the_graph_agrees_with_the_model(
    open_graph: Callable[[], AbstractContextManager[GraphStore]], done: list[Change]
) -> None:
    """After any changes every method answers as the model does."""
    model = Model()
    with open_graph() as graph:
        for change in done:
            change(graph)
            change(model)
        for project_id in (PROJECT, OTHER_PROJECT):
            assert list(graph.mentions(project_id, KEYS, limit=9)) == model.mentions(project_id)
            for memory_id in IDS:
                assert list(graph.entities(project_id, memory_id)) == model.entities(project_id, memory_id)
            for key in KEYS:
                for hops in (1, 2):
                    found = list(graph.neighbourhood(project_id, key, hops=hops, limit=99))
                    assert len(found) == len(set(found))
                    assert set(found) == model.neighbourhood(project_id, key, hops)
