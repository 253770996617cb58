"""What may become of a memory."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from support.builders import a_memory, embedded
from support.clocks import START

from ricordo.domain.episode import Role
from ricordo.domain.errors import ImmutableMemoryError
from ricordo.domain.graph import Entity, Relation
from ricordo.domain.memory import Embedding, LifecycleState, Memory, MemoryPatch, bury, revise
from ricordo.domain.moments import parse_moment

LATER = START + timedelta(days=1)


def full() -> Memory:
    """Build a memory with content everywhere."""
    return a_memory(
        metadata={"k": 1},
        categories=("c",),
        speaker="Ana",
        attributed_to=Role.USER,
        expiration=parse_moment("2030-01-01", "expiration_date"),
        entities=(Entity("Ana"),),
        relations=(Relation("Ana", "likes", "tea"),),
        embedding=embedded(1),
    )


def test_a_new_text_drops_what_was_derived_from_the_old_one() -> None:
    """Vector, entities and relations go with the text they came from; all else stays."""
    memory = full()

    revised = revise(memory, MemoryPatch(text="new"), now=LATER)

    assert revised == replace(
        memory, text="new", version=2, updated_at=LATER, embedding=None, entities=(), relations=()
    )


def test_the_same_text_keeps_what_was_derived() -> None:
    """Writing the text it has is a version, but costs nothing."""
    memory = full()

    assert revise(memory, MemoryPatch(text=memory.text), now=LATER) == replace(memory, version=2, updated_at=LATER)


def test_each_field_is_changed_by_itself() -> None:
    """What a patch does not name stays as it is; an empty metadata replaces the old one."""
    memory = full()
    soon = parse_moment("2026-04-01", "expiration_date")

    assert revise(memory, MemoryPatch(metadata={}), now=LATER).metadata == {}
    assert revise(memory, MemoryPatch(created_at=LATER), now=LATER).created_at == LATER
    assert revise(memory, MemoryPatch(expiration=soon), now=LATER).expiration == soon
    assert revise(memory, MemoryPatch(clears_expiration=True), now=LATER).expiration is None
    assert revise(memory, MemoryPatch(), now=LATER) == replace(memory, version=2, updated_at=LATER)


def test_an_immutable_memory_is_not_revised() -> None:
    """It can only be deleted."""
    memory = a_memory(immutable=True)

    with pytest.raises(ImmutableMemoryError):
        revise(memory, MemoryPatch(text="new"), now=LATER)
    assert bury(memory, now=LATER).state is LifecycleState.DELETED


def test_a_tombstone_holds_no_content() -> None:
    """Nothing that was said is left in it; owners and source stay, so that it can be found and removed."""
    memory = full()

    buried = bury(memory, now=LATER)

    assert (buried.version, buried.state, buried.updated_at) == (2, LifecycleState.DELETED, LATER)
    assert (buried.text, buried.metadata, buried.categories, buried.speaker) == ("", {}, (), None)
    assert (buried.entities, buried.relations, buried.embedding) == ((), (), None)
    assert (buried.scope, buried.source, buried.memory_id) == (memory.scope, memory.source, memory.memory_id)


def test_a_date_includes_its_day() -> None:
    """A memory that expires on a date is hidden from midnight UTC after it."""
    memory = a_memory(expiration=parse_moment("2026-03-09", "expiration_date"))
    midnight = START.replace(hour=0) + timedelta(days=1)

    assert not memory.is_expired(midnight - timedelta(microseconds=1))
    assert memory.is_expired(midnight)
    assert not a_memory().is_expired(LATER)


def test_memories_with_vectors_are_compared_by_value() -> None:
    """Equal vectors of one model are equal; an embedding has no hash."""
    memory = full()

    assert memory == replace(memory, embedding=embedded(1))
    assert memory != replace(memory, embedding=embedded(2))
    assert embedded(1) != embedded(1, "other model")
    assert Embedding("m", np.zeros(2, np.float32)) != Embedding("m", np.zeros(3, np.float32))
    assert embedded(1) != "embedding"
    with pytest.raises(TypeError):
        hash(embedded(1))
