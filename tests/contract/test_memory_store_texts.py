"""What every memory store does: a text is held once in its scope, and freed when its memory ends."""

from dataclasses import replace
from datetime import timedelta

from support.builders import (
    PROJECT,
    a_memory,
    owned_by,
)
from support.clocks import START
from support.stores import Stores

from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import LifecycleState, MemoryPatch, bury, revise
from ricordo.domain.moments import parse_moment
from ricordo.domain.scope import Scope
from ricordo.ports.memory_store import Refused, Stored

DUPLICATE = Refused("duplicate")
LATER = START + timedelta(hours=1)


def test_a_text_is_held_once_in_exactly_its_scope(stores: Stores) -> None:
    """The same text is a duplicate in the same set of owners and nowhere else."""
    text = "Ana likes tea."
    scopes = [
        Scope("ana"),
        Scope("bo"),
        Scope(agent_id="ana"),
        Scope("ana", "chef"),
        Scope("ana", run_id="chef"),
    ]
    outcomes = stores.memories.insert([a_memory(text, scope=scope) for scope in scopes])
    again = stores.memories.insert([a_memory(text, scope=scope) for scope in scopes])

    assert all(isinstance(outcome, Stored) for outcome in outcomes)
    assert list(again) == [DUPLICATE] * len(scopes)
    assert isinstance(stores.memories.insert([a_memory("Ana likes  tea.")])[0], Stored)


def test_a_text_given_twice_in_one_insert_is_stored_once(stores: Stores) -> None:
    """Outcomes come in the order of the memories; the second of two equal ones is the duplicate."""
    first, second, third = a_memory("same"), a_memory("same"), a_memory("other")

    outcomes = stores.memories.insert([first, second, third])

    assert [type(outcome) for outcome in outcomes] == [Stored, Refused, Stored]


def test_a_deleted_memory_frees_its_text(stores: Stores) -> None:
    """After a delete the text may be added again."""
    memory = a_memory()
    stores.memories.insert([memory])
    stores.memories.replace(bury(memory, now=LATER), expected_version=1)

    assert isinstance(stores.memories.insert([a_memory(memory.text)])[0], Stored)


def test_an_expired_memory_frees_its_text(stores: Stores) -> None:
    """A text is held until its memory expires, and free for what is accepted at that instant."""
    end = START + timedelta(hours=1)
    stores.memories.insert([a_memory("code 1234", expiration=parse_moment(end.isoformat(), "expiration_date"))])

    before = a_memory("code 1234", accepted_at=end)
    after = a_memory("code 1234", accepted_at=end + timedelta(microseconds=1))

    assert list(stores.memories.insert([before])) == [DUPLICATE]
    assert isinstance(stores.memories.insert([after])[0], Stored)


def test_a_superseded_memory_frees_its_text(stores: Stores) -> None:
    """What was true once may become true again."""
    memory = a_memory("Ana lives in Lisbon.")
    stores.memories.insert([memory])
    superseded = replace(memory, state=LifecycleState.SUPERSEDED, version=2, replaced_by=MemoryId("x"))
    stores.memories.replace(superseded, expected_version=1)

    assert isinstance(stores.memories.insert([a_memory("Ana lives in Lisbon.")])[0], Stored)


def test_a_hidden_memory_frees_its_text(stores: Stores) -> None:
    """A text may be added again as soon as its memory is hidden."""
    stores.memories.insert([a_memory("Ana likes tea.")])
    stores.memories.hide(PROJECT, owned_by("ana"))

    assert isinstance(stores.memories.insert([a_memory("Ana likes tea.")])[0], Stored)


def test_an_update_frees_the_old_text_and_holds_the_new_one(stores: Stores) -> None:
    """Uniqueness follows the text of the current version."""
    memory = a_memory("old")
    stores.memories.insert([memory])
    stores.memories.replace(revise(memory, MemoryPatch(text="new"), now=LATER), expected_version=1)

    outcomes = stores.memories.insert([a_memory("old"), a_memory("new")])

    assert [type(outcome) for outcome in outcomes] == [Stored, Refused]


def test_a_text_stays_held_while_one_of_two_holders_is_left(stores: Stores) -> None:
    """An update may repeat another memory's text; deleting one of the two does not free it."""
    kept, updated = a_memory("same"), a_memory("other")
    stores.memories.insert([kept, updated])
    twin = revise(updated, MemoryPatch(text="same"), now=LATER)
    stores.memories.replace(twin, expected_version=1)

    stores.memories.replace(bury(twin, now=LATER), expected_version=2)

    assert list(stores.memories.insert([a_memory("same")])) == [DUPLICATE]
