"""How facts become memories, and how the derived ids come about."""

from datetime import timedelta

import pytest
from support.builders import a_fact, an_episode, an_event, embedded
from support.clocks import START

from ricordo.domain.derivation import attributed_scope, memory_from_fact, thread_of, verbatim_facts
from ricordo.domain.episode import Episode, Message, Role
from ricordo.domain.errors import InvalidMomentError
from ricordo.domain.graph import Entity, Relation
from ricordo.domain.ids import (
    EventId,
    MemoryId,
    ProjectId,
    as_uuid,
    episode_id_for,
    event_id_for,
    history_id_for,
    memory_id_for,
)
from ricordo.domain.memory import MemoryKind, Source
from ricordo.domain.moments import parse_moment
from ricordo.domain.scope import Scope

BOTH = Scope("ana", "chef", "ios", "r1")


def episode(scope: Scope = BOTH, **options: object) -> Episode:
    """Build an episode said a day before it was accepted."""
    return an_episode(an_event("e1", scope=scope), said_at=START - timedelta(days=1), options=options)


def test_a_message_is_a_fact_word_for_word() -> None:
    """Users' and assistants' messages are kept as they are; system and empty ones are counted."""
    messages = (
        Message(Role.SYSTEM, "Be kind."),
        Message(Role.USER, " I like tea. ", "Ana"),
        Message(Role.ASSISTANT, "\n\t"),
        Message(Role.ASSISTANT, "Noted."),
    )
    extraction = verbatim_facts(an_episode(an_event(), messages=messages))

    assert extraction.facts == (
        a_fact(" I like tea. ", message_index=1, speaker="Ana"),
        a_fact("Noted.", message_index=3, attributed_to=Role.ASSISTANT),
    )
    assert extraction.dropped == {"system": 1, "empty": 1}


@pytest.mark.parametrize(
    ("scope", "role", "expected"),
    [
        (BOTH, Role.USER, Scope("ana", None, "ios", "r1")),
        (BOTH, Role.SYSTEM, Scope("ana", None, "ios", "r1")),
        (BOTH, Role.ASSISTANT, Scope(None, "chef", "ios", "r1")),
        (Scope("ana", run_id="r1"), Role.ASSISTANT, Scope("ana", run_id="r1")),
        (Scope(agent_id="chef"), Role.USER, Scope(agent_id="chef")),
    ],
)
def test_a_fact_is_whose_who_said_it(scope: Scope, role: Role, expected: Scope) -> None:
    """Only where user and agent are both named is one of them chosen."""
    assert attributed_scope(scope, role) == expected


def test_an_inferred_memory_carries_its_fact_and_its_episode() -> None:
    """Text, speaker, validity and graph are the fact's; scope, times and options the episode's."""
    fact = a_fact(
        message_index=2,
        speaker="Ana",
        entities=(Entity("Ana"),),
        relations=(Relation("Ana", "lives_in", "Lisbon"),),
        valid_from=START,
        valid_to=START + timedelta(days=1),
    )
    source = episode(metadata={"k": [1]}, categories=["a", "b"], expiration_date="2030-01-01", immutable=True)

    memory = memory_from_fact(source, fact, 3, embedded(1))

    assert memory.memory_id == memory_id_for(EventId("e1"), 3)
    assert memory.source == Source(EventId("e1"), episode_id_for(EventId("e1")), 3, 2)
    assert memory.kind is MemoryKind.FACT
    assert memory.scope == Scope("ana", None, "ios", "r1")
    assert memory.created_at == START - timedelta(days=1)
    assert memory.accepted_at == START + timedelta(microseconds=3)
    assert (memory.metadata, memory.categories, memory.immutable) == ({"k": [1]}, ("a", "b"), True)
    assert memory.expiration == parse_moment("2030-01-01", "expiration_date")
    assert (memory.valid_from, memory.valid_to) == (fact.valid_from, fact.valid_to)
    assert (memory.entities, memory.relations, memory.embedding) == (
        fact.entities,
        fact.relations,
        embedded(1),
    )
    assert memory_from_fact(source, fact, 3, embedded(1)) == memory


def test_a_verbatim_memory_stays_with_all_owners() -> None:
    """Word for word means nobody decided whose it is."""
    memory = memory_from_fact(episode(infer=False), a_fact(attributed_to=Role.ASSISTANT), 0, None)

    assert (memory.kind, memory.scope) == (MemoryKind.VERBATIM, BOTH)
    assert (memory.metadata, memory.categories, memory.expiration, memory.immutable) == ({}, (), None, False)


def test_a_conversation_is_one_thread_whoever_speaks() -> None:
    """User's and agent's facts of one episode are neighbours; another run is another thread."""
    said = [memory_from_fact(episode(), a_fact(attributed_to=role), 0, None) for role in (Role.USER, Role.ASSISTANT)]

    assert said[0].thread == said[1].thread == thread_of(BOTH)
    assert thread_of(BOTH) != thread_of(Scope("ana", "chef", "ios", "r2"))


def test_a_broken_expiration_is_refused() -> None:
    """An option that is no date does not become a memory that never expires."""
    with pytest.raises(InvalidMomentError):
        memory_from_fact(episode(expiration_date="soon"), a_fact(), 0, None)


def test_ids_are_derived() -> None:
    """The same parts name the same thing, other parts another; the names never change between versions."""
    event_id = event_id_for(ProjectId("p"), "key")

    assert event_id == event_id_for(ProjectId("p"), "key") == as_uuid(event_id)
    assert event_id == "ba3fab86-7f3e-59ab-abed-c99b388dd77a"
    others = {
        event_id_for(ProjectId("q"), "key"),
        event_id_for(ProjectId("p"), "yek"),
        episode_id_for(event_id),
        memory_id_for(event_id, 0),
        memory_id_for(event_id, 1),
        history_id_for(MemoryId(event_id), 0),
        history_id_for(MemoryId(event_id), 1),
    }
    assert len(others | {event_id}) == 8


@pytest.mark.parametrize("text", ["", "x", "15d1d8aa", "15d1d8aa-3e5a-59c5-9ddb-5c7a5ac6ac4", "g" * 32, "é" * 32])
def test_what_is_no_uuid_is_told(text: str) -> None:
    """Anything that cannot be read as a UUID is None; another spelling of one is its canonical form."""
    assert as_uuid(text) is None
    assert as_uuid("15D1D8AA3E5A59C59DDB5C7A5AC6AC4D") == "15d1d8aa-3e5a-59c5-9ddb-5c7a5ac6ac4d"
