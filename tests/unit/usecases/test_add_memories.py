"""Adding: what is stored before the answer, what after, and what an add is not told twice."""

from datetime import UTC, datetime

import pytest
from support.builders import PROJECT
from support.faults import FailingStore
from support.house import House

from ricordo.domain.episode import Message, Role
from ricordo.domain.errors import MissingScopeError, UnavailableError
from ricordo.domain.event import EventStatus
from ricordo.domain.ids import EventId, memory_id_for
from ricordo.domain.memory import MemoryKind
from ricordo.domain.scope import Owner, OwnerType, Scope
from ricordo.usecases.accept_add import AddRequest, accept_add


def test_a_verbatim_add_is_stored_before_the_answer(house: House) -> None:
    """Few messages without inference become memories word for word, embedded, in their order."""
    event = house.add("I live in Lisbon.", " I like tea. ", event_id="e1", infer=False, metadata={"k": 1})

    assert event.status is EventStatus.SUCCEEDED
    assert [result.text for result in event.results] == house.texts() == ["I live in Lisbon.", " I like tea. "]
    first, second = house.memories()
    assert first.memory_id == memory_id_for(EventId("e1"), 0)
    assert (first.kind, first.metadata, first.sequence) == (MemoryKind.VERBATIM, {"k": 1}, 1)
    assert first.embedding is not None
    assert second.accepted_at > first.accepted_at
    assert house.event("e1") == event


@pytest.mark.parametrize("options", [{}, {"infer": True}])
def test_an_inferred_add_is_left_to_the_background(house: House, options: dict[str, object]) -> None:
    """The answer is PENDING, and a worker finds the event due at once."""
    event = house.add("Hello. I live in Lisbon. I like tea.", event_id="e1", **options)

    assert event.status is EventStatus.PENDING
    assert house.texts() == []
    ended = house.work()
    assert ended is not None
    assert ended.status is EventStatus.SUCCEEDED
    assert ended.notes == {"facts": 2, "dropped": {"small_talk": 1}}
    assert house.texts() == ["I live in Lisbon.", "I like tea."]


def test_a_long_verbatim_add_is_left_to_the_background(house: House) -> None:
    """More messages than may be stored before the answer are stored later, all of them."""
    texts = [f"text {number}" for number in range(40)]

    assert house.add(*texts, event_id="e1", infer=False).status is EventStatus.PENDING

    house.work()
    assert house.texts() == texts


def test_an_add_that_is_accepted_survives_without_a_start(house: House) -> None:
    """Even if nobody starts it, the event becomes due by itself."""
    accept_add(
        AddRequest(Scope("ana"), (Message(Role.USER, "I like tea."),)),
        project_id=PROJECT,
        event_id=EventId("e1"),
        events=house.stores.events,
        owners=house.stores.owners,
        clock=house.clock,
    )
    assert house.work() is None

    house.clock.advance(3600)

    assert house.work() is not None
    assert house.texts() == ["I like tea."]


@pytest.mark.parametrize("infer", [True, False])
def test_the_same_event_id_adds_once(house: House, *, infer: bool) -> None:
    """A repeated add answers the event as it stands and stores nothing more."""
    house.add("I like tea.", event_id="e1", infer=infer)
    house.work("e1")

    again = house.add("I like coffee.", event_id="e1", infer=infer)

    assert again == house.event("e1")
    assert house.texts() == ["I like tea."]


def test_a_repeated_text_is_refused_and_noted(house: House) -> None:
    """A duplicate is no memory, and the event says how many there were."""
    house.add("I like tea.", event_id="e1", infer=False)

    event = house.add("I like tea.", "I like milk.", event_id="e2", infer=False)

    assert [result.text for result in event.results] == ["I like milk."]
    assert event.notes == {"facts": 2, "refused": {"duplicate": 1}}


def test_an_add_needs_a_scope(house: House) -> None:
    """Without an owner nothing is accepted."""
    with pytest.raises(MissingScopeError):
        house.add("I like tea.", event_id="e1", scope=Scope())


def test_owners_are_recorded(house: House) -> None:
    """Every owner of an add becomes known."""
    house.add("I like tea.", event_id="e1", scope=Scope("ana", run_id="r1"))

    assert house.stores.owners.get(PROJECT, Owner(OwnerType.RUN, "r1")).created_at == house.clock.now()


def test_an_inferred_fact_belongs_to_who_said_it(house: House) -> None:
    """With a user and an agent named, the user's statements are the user's; verbatim ones stay with both."""
    both = Scope("ana", "chef")
    house.add("I like tea.", event_id="e1", scope=both)
    house.work("e1")
    house.add("I like milk.", event_id="e2", scope=both, infer=False)

    assert [memory.scope for memory in house.memories()] == [Scope("ana"), both]


def test_a_backdated_add_keeps_both_times(house: House) -> None:
    """`created_at` is when it was said, `accepted_at` when it came in."""
    said_at = datetime(2020, 5, 1, tzinfo=UTC)
    request = AddRequest(Scope("ana"), (Message(Role.USER, "I like tea."),), said_at=said_at)
    stores = house.stores
    accept_add(
        request,
        project_id=PROJECT,
        event_id=EventId("e1"),
        events=stores.events,
        owners=stores.owners,
        clock=house.clock,
    )
    house.work("e1")

    (memory,) = house.memories()
    assert (memory.created_at, memory.accepted_at) == (said_at, house.clock.now())


def test_without_the_embedder_nothing_is_lost(house: House) -> None:
    """Memories are stored without vectors."""
    house.embedder.is_up = False

    event = house.add("I like tea.", event_id="e1", infer=False)

    assert event.status is EventStatus.SUCCEEDED
    assert house.memories()[0].embedding is None


def test_a_store_that_is_down_hands_the_add_to_the_background(house: House) -> None:
    """A synchronous add that cannot go on says so, and is stored later."""
    broken = house.with_stores(memories=FailingStore(house.stores.memories, UnavailableError("down")))
    with pytest.raises(UnavailableError):
        broken.add("I like tea.", event_id="e1", infer=False)
    assert house.event("e1").status is EventStatus.PENDING

    house.clock.advance(60)
    house.work()

    assert house.texts() == ["I like tea."]
