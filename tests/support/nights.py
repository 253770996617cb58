"""Nightly runs over a house, by their steps, and what they find there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from support.builders import PROJECT, a_memory, embedded
from support.cloud_house import CloudHouse

from functions.consolidate.steps import begin, consolidate, fail, finish, mend, projects, record, scopes, sweep
from ricordo.domain.consolidation import ConsolidationRun, ProjectReport
from ricordo.domain.graph import Entity, Relation
from ricordo.domain.memory import Memory
from ricordo.local.consolidation import consolidate_now

STEPS: Final = {
    "begin": begin,
    "consolidate": consolidate,
    "fail": fail,
    "finish": finish,
    "mend": mend,
    "projects": projects,
    "record": record,
    "scopes": scopes,
    "sweep": sweep,
}
HOUR_S: Final = 3600.0
NIGHT: Final = "2026-03-10T02:00:00Z"


@contextmanager
def steps_of(house: CloudHouse) -> Iterator[None]:
    """Have the steps work in this house."""
    with pytest.MonkeyPatch.context() as patched:
        for step in STEPS.values():
            patched.setattr(step, "services", lambda: house.services)
        yield


def night(house: CloudHouse, *, at: str = NIGHT, holder: str = "one") -> ConsolidationRun:
    """Make a run, one step after another, and return its record."""
    with steps_of(house):
        told = consolidate_now(at=at, holder=holder)
    return house.stores.consolidations.get(told["run_id"])


def report_of(run: ConsolidationRun) -> ProjectReport:
    """Return what a run did in the only project."""
    (report,) = run.projects
    return report


def remembered(house: CloudHouse, count: int = 6) -> list[Memory]:
    """Store and project memories that say something of somebody, and let a while pass."""
    memories = [
        a_memory(
            f"fact {number}",
            embedding=embedded(number % 8),
            entities=(Entity("Ana"), Entity(f"Bo {number}")),
            relations=(Relation("Ana", "knows", f"Bo {number}"),),
        )
        for number in range(count)
    ]
    house.stores.memories.insert(memories)
    house.project()
    house.clock.advance(HOUR_S)
    assert house.projection_faults() == []
    return memories


def lose(house: CloudHouse, memory: Memory) -> None:
    """Take a memory out of index and graph."""
    house.index.serving.lose(memory)
    house.stores.graph.forget(PROJECT, [memory.memory_id])


def skip_stream(house: CloudHouse) -> None:
    """Let the consumers read what happened and do nothing about it."""
    deaf = house.with_stores(
        index=Deaf(house.stores.index), graph=Deaf(house.stores.graph), feed=Deaf(house.stores.feed)
    )
    deaf.project()


class Deaf:
    """Wraps a store; what would change it does nothing."""

    def __init__(self, store: object) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        if name in {"upsert", "remove", "forget", "settle"}:
            return lambda *_args, **_kwargs: None
        return getattr(self._store, name)
