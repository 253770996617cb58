"""What every owner store does."""

from datetime import timedelta

import pytest
from support.builders import ANA, OTHER_PROJECT, PROJECT, a_memory, owned_by
from support.clocks import START
from support.stores import Stores

from ricordo.domain.errors import OwnerNotFoundError
from ricordo.domain.ids import ProjectId
from ricordo.domain.paging import PageRequest
from ricordo.domain.project import OwnerRecord, OwnerTotals
from ricordo.domain.scope import Owner, OwnerType, Scope

LATER = START + timedelta(days=1)
USER_ANA = Owner(OwnerType.USER, "ana")
USER_BO = Owner(OwnerType.USER, "bo")


def add(stores: Stores, *speakers: str, scope: Scope = ANA, project_id: ProjectId = PROJECT) -> None:
    """Do what an add does of interest here: touch its owners and store what was said."""
    stores.owners.touch(project_id, scope, at=START, speakers=frozenset(speakers))
    stores.memories.insert(
        [a_memory(f"{name} spoke", scope=scope, project_id=project_id, speaker=name) for name in speakers]
    )


def test_touch_creates_every_owner_of_a_scope(stores: Stores) -> None:
    """Each owner named becomes a record of its own type."""
    stores.owners.touch(PROJECT, Scope("ana", "ana", run_id="r 1/2"), at=START)

    assert stores.owners.get(PROJECT, USER_ANA) == OwnerRecord(PROJECT, OwnerType.USER, "ana", START, START)
    assert stores.owners.get(PROJECT, Owner(OwnerType.RUN, "r 1/2")).created_at == START
    assert stores.owners.totals(PROJECT) == OwnerTotals(users=1, agents=1, apps=0, runs=1)


def test_touch_again_moves_the_last_change_only_forward(stores: Stores) -> None:
    """A known owner keeps its creation and gets the latest change, whatever the order of arrival."""
    for at in (START, LATER, START):
        stores.owners.touch(PROJECT, Scope("ana"), at=at)

    record = stores.owners.get(PROJECT, USER_ANA)

    assert (record.created_at, record.updated_at) == (START, LATER)


def test_owners_are_listed_last_changed_first_in_exact_pages(stores: Stores) -> None:
    """Pages are complete and ordered by the last change."""
    for number in range(5):
        stores.owners.touch(PROJECT, Scope(f"user {number}"), at=START + timedelta(hours=number))
    stores.owners.touch(PROJECT, Scope("user 0"), at=LATER)

    pages = [stores.owners.list(PROJECT, PageRequest(number, 2)) for number in (1, 2, 3, 4)]

    assert [record.owner_id for page in pages for record in page.items] == [f"user {n}" for n in (0, 4, 3, 2, 1)]
    assert [len(page.items) for page in pages] == [2, 2, 1, 0]
    assert {page.total for page in pages} == {5}


def test_owners_are_listed_on_from_a_place(stores: Stores) -> None:
    """Where a store says where a page ended, the next goes on from there; no owner is shown twice or left out."""
    for number in range(4):
        same = f"same {number}"
        stores.owners.touch(PROJECT, Scope(same, same, same, same), at=START + timedelta(hours=number // 2))

    shown, page = [], PageRequest(1, 3)
    while (listed := stores.owners.list(PROJECT, page)).items:
        shown += [(record.updated_at, record.type, record.owner_id) for record in listed.items]
        page = PageRequest(page.number + 1, 3, listed.end)
        assert (listed.total, listed.is_total_exact) == (16, True)

    assert len(set(shown)) == len(shown) == 16
    assert [at for at, *_ in shown] == sorted((at for at, *_ in shown), reverse=True)


def test_a_removed_owner_is_unknown_until_touched_again(stores: Stores) -> None:
    """Removing forgets the record of this type alone; removing an unknown owner is no error."""
    stores.owners.touch(PROJECT, Scope("ana", "ana"), at=START)

    stores.owners.remove(PROJECT, USER_ANA)
    stores.owners.remove(PROJECT, USER_ANA)

    with pytest.raises(OwnerNotFoundError):
        stores.owners.get(PROJECT, USER_ANA)
    assert stores.owners.get(PROJECT, Owner(OwnerType.AGENT, "ana")).owner_id == "ana"
    stores.owners.touch(PROJECT, Scope("ana"), at=LATER)
    assert stores.owners.get(PROJECT, USER_ANA).created_at == LATER


def test_projects_never_see_each_other(stores: Stores) -> None:
    """With equal owners in two projects, every method answers for its own."""
    stores.owners.touch(PROJECT, Scope("ana"), at=START)
    stores.owners.touch(OTHER_PROJECT, Scope("ana", "chef"), at=LATER)

    stores.owners.remove(PROJECT, USER_ANA)

    assert stores.owners.list(PROJECT, PageRequest()).total == 0
    assert stores.owners.totals(PROJECT) == OwnerTotals(0, 0, 0, 0)
    assert stores.owners.get(OTHER_PROJECT, USER_ANA).updated_at == LATER
    assert stores.owners.list(OTHER_PROJECT, PageRequest()).total == 2
    with pytest.raises(OwnerNotFoundError):
        stores.owners.get(PROJECT, Owner(OwnerType.AGENT, "chef"))


def test_speakers_of_the_owners_named(stores: Stores) -> None:
    """Names of those who speak with any of the owners; later ones join them."""
    add(stores, "Ana", "Zoë")
    add(stores)
    add(stores, "Bo", scope=Scope("bo", agent_id="chef"))

    assert stores.owners.speakers(PROJECT, [USER_ANA]) == {"Ana", "Zoë"}
    assert stores.owners.speakers(PROJECT, {USER_ANA, USER_BO}) == {"Ana", "Zoë", "Bo"}
    assert stores.owners.speakers(PROJECT, [Owner(OwnerType.AGENT, "chef")]) == {"Bo"}
    assert stores.owners.speakers(PROJECT, [Owner(OwnerType.USER, "nobody")]) == frozenset()
    assert stores.owners.speakers(PROJECT, []) == frozenset()
    add(stores, "Cy")
    assert stores.owners.speakers(PROJECT, [USER_ANA]) == {"Ana", "Zoë", "Cy"}


def test_speakers_of_an_earlier_add_count(stores: Stores) -> None:
    """Names come along with a touch that arrives late, too."""
    stores.owners.touch(PROJECT, ANA, at=LATER)
    add(stores, "Ana")

    assert stores.owners.speakers(PROJECT, [USER_ANA]) == {"Ana"}
    assert stores.owners.get(PROJECT, USER_ANA).updated_at == LATER


def test_speakers_go_with_the_memories(stores: Stores) -> None:
    """Once an owner's memories are deleted for good no name is left; those who speak later are known again."""
    add(stores, "Ana", scope=Scope("ana", agent_id="chef"))
    add(stores, "Bo", scope=Scope("bo", agent_id="chef"))

    stores.memories.hide(PROJECT, owned_by())
    while stores.memories.remove_hidden(PROJECT, limit=9, now=START):
        pass
    stores.memories.purge(PROJECT, older_than=LATER)

    assert stores.owners.speakers(PROJECT, [USER_ANA]) == frozenset()
    assert stores.owners.speakers(PROJECT, [USER_BO]) == {"Bo"}
    add(stores, "Cy")
    assert stores.owners.speakers(PROJECT, [USER_ANA]) == {"Cy"}


def test_speakers_of_projects_never_meet(stores: Stores) -> None:
    """With equal owners in two projects, each has its own names."""
    add(stores, "Ana")
    add(stores, "Eve", project_id=OTHER_PROJECT)

    assert stores.owners.speakers(PROJECT, [USER_ANA]) == {"Ana"}
    assert stores.owners.speakers(OTHER_PROJECT, [USER_ANA]) == {"Eve"}
