"""Work on an event ends exactly once, wherever a worker stops."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.builders import PROJECT, an_event, owned_by
from support.faults import CountedCalls, Crash
from support.house import House, open_house

from ricordo.domain.episode import Episode
from ricordo.domain.episode_parts import PART_MESSAGES
from ricordo.domain.errors import LeaseLostError, StoreBusyError, UnavailableError
from ricordo.domain.event import EventStatus, EventType
from ricordo.domain.fact import Extraction
from ricordo.domain.ids import EventId, memory_id_for
from ricordo.usecases.work_on_event import LEASE_S, MAX_ATTEMPTS, carry_out, hand_back

FACTS = [f"Fact {number}." for number in range(20)]  # more than one step takes
ADD = " ".join(FACTS)


def accepted(house: House, **options: object) -> None:
    """Accept an add of twenty facts as event e1."""
    texts = FACTS if options.get("infer") is False else [ADD]
    house.add(*texts, event_id="e1", **options)


def working(house: House, calls: CountedCalls) -> House:
    """Let every call a worker makes pass through `calls`."""
    return house.with_stores(events=calls.of(house.stores.events), memories=calls.of(house.stores.memories))


def calls_of_one_run(folder: Path, **options: object) -> list[str]:
    """Return the names of all store calls of an undisturbed run."""
    with open_house(folder / "undisturbed.db") as house:
        accepted(house, **options)
        calls = CountedCalls()
        working(house, calls).work("e1")
        return calls.names


@pytest.mark.parametrize("infer", [True, False])
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_anywhere_loses_and_repeats_nothing(tmp_path: Path, *, infer: bool, after: bool) -> None:
    """Whichever store call the process dies before or after, another worker ends the event."""
    names = calls_of_one_run(tmp_path, infer=infer)
    assert names.count("insert") == 2
    assert names[-1] == "finish"
    for place, name in enumerate(names):
        with open_house(tmp_path / f"{place}.db") as house:
            # GIVEN a worker that died at this call
            accepted(house, infer=infer)
            with pytest.raises(Crash):
                working(house, CountedCalls(place, after=after)).work("e1")

            # WHEN its lease has ended and other workers come by
            house.clock.advance(LEASE_S + 60)
            while house.work() is not None:
                pass

            # THEN each fact stands once and the event has succeeded
            assert house.texts() == FACTS, name
            event = house.event("e1")
            assert event.status is EventStatus.SUCCEEDED, name
            assert [result.text for result in event.results] == FACTS, name
            assert "refused" not in event.notes, name


@pytest.mark.parametrize("after", [False, True])
def test_an_unavailable_store_hands_the_event_back(tmp_path: Path, *, after: bool) -> None:
    """Whichever store call fails as busy, the event is tried again and ends with each fact once."""
    names = calls_of_one_run(tmp_path)
    for place, name in enumerate(names):
        with open_house(tmp_path / f"{place}.db") as house:
            accepted(house)
            busy = working(house, CountedCalls(place, after=after, error=StoreBusyError("busy")))
            try:
                busy.work("e1")
            except StoreBusyError:
                assert name == "claim"

            house.clock.advance(LEASE_S + 60)
            while house.work() is not None:
                pass

            assert house.texts() == FACTS, name
            assert house.event("e1").status is EventStatus.SUCCEEDED, name


def test_a_worker_that_was_taken_over_stores_nothing_more(house: House) -> None:
    """A worker that comes back from a long pause leaves the event to the one that has it now."""
    accepted(house)

    class PausedExtractor:
        def extract(self, _episode: Episode) -> Extraction:
            house.clock.advance(LEASE_S + 1)
            house.work("e1")  # another worker takes over and finishes
            return Extraction((), {})  # type: ignore[arg-type]

    paused = replace(house, extractor=PausedExtractor())

    assert paused.work("e1") is None
    assert house.texts() == FACTS
    assert house.event("e1").status is EventStatus.SUCCEEDED


def test_a_model_that_answers_differently_the_second_time_is_not_asked_again(house: House) -> None:
    """What was extracted first is what is stored, also by a later worker."""
    accepted(house)
    crashing = CountedCalls(4)  # after claim, renew, kept_facts, keep_facts
    with pytest.raises(Crash):
        working(house, crashing).work("e1")

    class OtherExtractor:
        def extract(self, _episode: Episode) -> Extraction:
            raise AssertionError("asked again")

    house.clock.advance(LEASE_S + 1)
    replace(house, extractor=OtherExtractor()).work("e1")

    assert house.texts() == FACTS


def test_tries_are_bounded_and_spaced(house: House) -> None:
    """An extractor that stays down is tried eight times with doubling pauses, then the event fails."""
    accepted(house)

    class DownExtractor:
        def extract(self, _episode: Episode) -> Extraction:
            raise UnavailableError("down")

    down = replace(house, extractor=DownExtractor())
    pauses = []
    while not house.event("e1").status.is_final:
        waited = 0
        while down.work() is None:
            house.clock.advance(1)
            waited += 1
        pauses.append(waited)

    assert pauses == [0, 2, 4, 8, 16, 32, 64, 128]
    event = house.event("e1")
    assert (event.status, event.error, event.attempts) == (EventStatus.FAILED, "unavailable", MAX_ATTEMPTS)
    house.clock.advance(10_000)
    assert down.work() is None


def test_an_event_that_kills_its_workers_ends(house: House) -> None:
    """Work that never comes to an end is given up after eight tries."""
    accepted(house)

    class DeadlyExtractor:
        def extract(self, _episode: Episode) -> Extraction:
            raise Crash

    deadly = replace(house, extractor=DeadlyExtractor())
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(Crash):
            deadly.work("e1")
        house.clock.advance(LEASE_S + 1)

    ended = deadly.work()

    assert ended is not None
    assert (ended.status, ended.error) == (EventStatus.FAILED, "gave_up")


def test_handing_back_a_lost_lease_changes_nothing(house: House) -> None:
    """A worker whose event was taken over cannot fail it."""
    accepted(house)
    work = house.stores.events.claim(now=house.clock.now(), lease_s=LEASE_S, named=(PROJECT, EventId("e1")))
    assert work is not None
    house.clock.advance(LEASE_S + 1)
    house.work("e1")

    assert hand_back(work, "internal_error", events=house.stores.events, now=house.clock.now()) is None
    assert house.event("e1").status is EventStatus.SUCCEEDED
    with pytest.raises(LeaseLostError):
        house.stores.events.finish(work.lease, work.event)


def test_nothing_due_is_nothing_done(house: House) -> None:
    """Without accepted events there is no work."""
    assert house.work() is None
    assert house.work("unknown") is None


@pytest.mark.parametrize("after", [False, True])
def test_a_removal_is_finished_after_a_crash(tmp_path: Path, *, after: bool) -> None:
    """Whichever call of a removal the process dies at, every hidden memory becomes a tombstone."""
    with open_house(tmp_path / "undisturbed.db") as house:
        calls = CountedCalls()
        begin_removal(house)
        working(house, calls).work("d1")
    for place, name in enumerate(calls.names):
        with open_house(tmp_path / f"{place}.db") as house:
            ids = begin_removal(house)
            with pytest.raises(Crash):
                working(house, CountedCalls(place, after=after)).work("d1")

            house.clock.advance(LEASE_S + 60)
            house.work()

            assert house.event("d1").status is EventStatus.SUCCEEDED, name
            assert house.stores.memories.remove_hidden(PROJECT, limit=10, now=house.clock.now()) == 0
            for memory_id in ids:
                assert len(house.stores.memories.versions(PROJECT, memory_id)) == 2


def begin_removal(house: House) -> list[object]:
    """Store two memories, hide them, and accept the event of their removal."""
    house.add("I like tea.", "I like milk.", event_id="e1", infer=False)
    ids: list[object] = [memory.memory_id for memory in house.memories()]
    house.stores.memories.hide(PROJECT, owned_by())
    now = house.clock.now()
    event = an_event("d1", type=EventType.DELETE_ALL, created_at=now, updated_at=now)
    house.stores.events.accept(event, None)
    return ids


LONG = [f"Note {number:04} is about tea." for number in range(2 * PART_MESSAGES + 20)]


def test_a_long_episode_is_worked_on_part_by_part(house: House) -> None:
    """Each part is a try of its own; in the end all of it is there in order, under continuous ordinals."""
    house.add(*LONG, event_id="e1", infer=False)

    parts = []
    while (work := house.stores.events.claim(now=house.clock.now(), lease_s=LEASE_S)) is not None:
        event = carry_out(work, house.workbench, events=house.stores.events, clock=house.clock)
        assert event is not None
        parts.append((event.status, event.attempts, len(event.results)))

    assert parts == [
        (EventStatus.PENDING, 0, PART_MESSAGES),
        (EventStatus.PENDING, 0, 2 * PART_MESSAGES),
        (EventStatus.SUCCEEDED, 1, len(LONG)),
    ]
    event = house.event("e1")
    assert [result.text for result in event.results] == LONG
    assert [result.memory_id for result in event.results] == [memory_id_for(EventId("e1"), n) for n in range(len(LONG))]
    memories = house.stores.memories.get(PROJECT, [result.memory_id for result in event.results[-2:]])
    assert sorted(memory.source.message_index for memory in memories.values()) == [len(LONG) - 2, len(LONG) - 1]


def test_a_part_that_fails_is_tried_again_and_not_those_before_it(house: House) -> None:
    """The parts that are done stay done when a worker dies in a later one."""
    house.add(*LONG, event_id="e1", infer=False)
    names: list[str] = []
    calls = CountedCalls()
    working(house, calls).work("e1")
    names = calls.names
    first_end = names.index("finish")

    house.add(*LONG, event_id="e2", infer=False, metadata={"k": 1})
    with pytest.raises(Crash):
        working(house, CountedCalls(first_end + 4, after=False)).work("e2")
    house.clock.advance(LEASE_S + 60)
    event = house.work("e2")

    assert event is not None
    assert (event.status, event.parts_done, event.facts_done) == (EventStatus.SUCCEEDED, 3, len(LONG))


def test_what_is_said_twice_in_one_episode_is_stored_once(house: House) -> None:
    """A repetition is counted among the refused without asking the store."""
    house.add("I like tea.", "I like tea.", "I like tea.", event_id="e1", infer=False)

    event = house.event("e1")
    assert [result.text for result in event.results] == ["I like tea."]
    assert event.notes["refused"] == {"duplicate": 2}
