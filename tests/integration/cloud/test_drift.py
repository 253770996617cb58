"""What drift does not survive the night: documents and edges that are missing, stale or orphaned."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.builders import PROJECT, a_memory, a_project
from support.cloud_house import CloudHouse
from support.faults import Interruption
from support.nights import lose, night, remembered, report_of, skip_stream

from functions.consolidate.steps import mend
from ricordo.domain.consolidation import ProjectReport
from ricordo.domain.drift import Drift
from ricordo.domain.graph import Entity, Relation
from ricordo.domain.memory import MemoryPatch, bury, revise
from ricordo.usecases import repair_drift

NONE = Drift()


@pytest.fixture
def house(cloud_house: CloudHouse) -> CloudHouse:
    """A house with a project."""
    cloud_house.stores.projects.create(a_project())
    return cloud_house


def test_what_is_missing_is_written(house: CloudHouse) -> None:
    """GIVEN memories that neither index nor graph shows WHEN night comes THEN both show them."""
    memories = remembered(house)
    for memory in memories[:2]:
        lose(house, memory)
    assert house.projection_faults() == ["the index", "the graph's entities", "the graph's relations"]

    report = report_of(night(house))

    assert (report.index, report.graph) == (Drift(missing=2, mended=2), Drift(missing=2, mended=2))
    assert house.projection_faults() == []
    assert report_of(night(house, at="2026-03-11T02:00:00Z")) == ProjectReport(PROJECT)


def test_what_is_stale_is_brought_up_to_date(house: CloudHouse) -> None:
    """GIVEN an update and edges that no consumer was told of WHEN night comes THEN both are shown as they are."""
    memories = remembered(house)
    updated = revise(memories[0], MemoryPatch(metadata={"k": 1}), now=house.clock.now())
    house.stores.memories.replace(updated, expected_version=1)
    skip_stream(house)
    house.stores.graph.forget_entity(PROJECT, "bo 1")
    house.clock.advance(2 * 86_400)

    report = report_of(night(house))

    assert (report.index, report.graph) == (Drift(stale=1, mended=1), Drift(stale=2, mended=2))
    assert house.projection_faults() == []


def test_what_is_orphaned_is_removed(house: CloudHouse) -> None:
    """GIVEN documents and edges of deleted and unknown memories WHEN night comes THEN they are gone."""
    memories = remembered(house)
    strange = a_memory("nobody said so", entities=(Entity("Zoe"),), relations=(Relation("Zoe", "knows", "Ana"),))
    house.stores.index.upsert([strange])
    house.stores.graph.upsert([strange])
    house.stores.memories.replace(bury(memories[0], now=house.clock.now()), expected_version=1)
    skip_stream(house)
    house.clock.advance(2 * 86_400)

    report = report_of(night(house))

    assert (report.index, report.graph) == (Drift(orphaned=2, mended=2), Drift(orphaned=2, mended=2))
    assert house.projection_faults() == []
    assert list(house.stores.graph.mentions(PROJECT, ["zoe"], limit=9)) == []


def test_what_may_still_be_on_its_way_is_no_drift(house: CloudHouse) -> None:
    """GIVEN changes not projected yet, or just now WHEN night comes THEN they are left to the consumers."""
    remembered(house)
    house.stores.memories.insert([a_memory("said just now", accepted_at=house.clock.now())])
    pending = a_memory("said an hour ago", accepted_at=house.clock.now() - timedelta(hours=1))
    house.stores.memories.insert([pending])

    report = report_of(night(house))

    assert (report.index, report.graph) == (NONE, NONE)
    house.clock.advance(2 * 86_400)
    assert report_of(night(house, at="2026-03-11T02:00:00Z")).index == Drift(missing=2, mended=2)


def test_what_changes_while_it_is_compared_is_no_drift(house: CloudHouse) -> None:
    """GIVEN a page of the truth WHEN memories of it are updated and deleted meanwhile THEN no drift is seen."""
    memories = remembered(house)

    def change() -> None:
        store = house.stores.memories
        store.replace(
            revise(memories[0], MemoryPatch(metadata={"k": 1}), now=memories[0].updated_at), expected_version=1
        )
        store.replace(bury(memories[1], now=memories[1].updated_at), expected_version=1)
        house.project()

    meddled = house.with_stores(shown_by_index=Interruption("shown", change).of(house.stores.shown_by_index))

    report = report_of(night(meddled))

    assert (report.index, report.graph) == (NONE, NONE)
    assert house.projection_faults() == []


def test_a_document_ahead_of_the_truth_is_told_and_left(house: CloudHouse) -> None:
    """A truth set back to an earlier time cannot be shown over what came later: it takes a new index."""
    memory = remembered(house, 1)[0]
    house.stores.index.upsert([replace(memory, version=7)])
    house.stores.graph.upsert([replace(memory, version=7)])

    report = report_of(night(house))

    assert (report.index, report.graph) == (Drift(stale=1), Drift(stale=1))


def test_a_repair_in_many_small_steps_finds_it_all(house: CloudHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """GIVEN pages of two and a step for each WHEN night comes THEN what is wrong is found in every page."""
    monkeypatch.setattr(repair_drift, "PAGE", 2)
    monkeypatch.setattr(repair_drift, "LISTED_AT_ONCE", 2)
    monkeypatch.setattr(mend, "PAGES", 1)
    memories = remembered(house, 5)
    for memory in (memories[0], memories[4]):
        lose(house, memory)
    strange = [a_memory("nobody said so", entities=(Entity("Zoe"),)) for _ in range(5)]
    house.stores.index.upsert(strange)
    house.stores.graph.upsert(strange)

    report = report_of(night(house))

    assert report.index == report.graph == Drift(missing=2, orphaned=5, mended=7)
    assert house.projection_faults() == []
