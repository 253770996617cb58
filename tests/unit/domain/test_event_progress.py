"""An event comes on by parts: results and counts add up, ordinals go on."""

from support.builders import a_fact, an_event

from ricordo.domain.event import EventStatus, EventType
from ricordo.domain.event_progress import with_part_done, with_removals
from ricordo.domain.ids import EventId, memory_id_for

EVENT = EventId("e1")


def test_parts_add_up() -> None:
    """The second part's memories are named after where the first one ended, and counts of both are one."""
    first = with_part_done(
        an_event(EVENT, attempts=3),
        [a_fact("a"), a_fact("b")],
        {1: "duplicate"},
        {"facts": 2, "dropped": {"greeting": 1}},
        is_last=False,
    )
    second = with_part_done(
        first,
        [a_fact("c"), a_fact("d")],
        {3: "duplicate"},
        {"facts": 2, "dropped": {"greeting": 2, "question": 1}},
        is_last=True,
    )

    assert (first.status, first.attempts, first.goes_on) == (EventStatus.PENDING, 0, True)
    assert (second.status, second.goes_on) == (EventStatus.SUCCEEDED, False)
    assert [(result.memory_id, result.text) for result in second.results] == [
        (memory_id_for(EVENT, 0), "a"),
        (memory_id_for(EVENT, 2), "c"),
    ]
    assert second.notes == {"facts": 4, "dropped": {"greeting": 3, "question": 1}, "refused": {"duplicate": 2}}
    assert (second.parts_done, second.facts_done) == (2, 4)


def test_removals_add_up() -> None:
    """What a deletion has hidden stays noted beside what it has removed so far."""
    event = an_event(type=EventType.DELETE_ALL, notes={"hidden": 5})

    first = with_removals(event, 3, is_last=False)
    second = with_removals(first, 2, is_last=True)

    assert first.goes_on
    assert second.status is EventStatus.SUCCEEDED
    assert second.notes == {"hidden": 5, "removed": 5}
