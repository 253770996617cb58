"""A process may end before or after anything it asks for: nothing acknowledged is missing, nothing is there twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import pytest
from support import cloud_requests as requests
from support.builders import a_project
from support.cloud_house import EVERYTHING, CloudHouse
from support.dynamodb_bench import faults_in
from support.faults import CountedCalls, Crash

from ricordo.domain.event import EventQuery
from ricordo.domain.filters import All
from ricordo.domain.scope import Scope
from ricordo.usecases.sweep_project import sweep_project

BO = Scope("bo")
MONTHS = timedelta(days=90)
KEYS = ("ana's", "bo's", "fresh", "brief", "verbatim", "inferred")


@dataclass(frozen=True, slots=True)
class Flow:
    """Something the system is asked or has to do, and what was there before it."""

    before: Callable[[CloudHouse], object]
    act: Callable[[CloudHouse], object]


def nothing(_house: CloudHouse) -> None:
    """Start with an empty project."""


def told(house: CloudHouse) -> None:
    """Have a memory of each of two owners, projected."""
    requests.add(house, "ana's", "Ana knows Bob.", infer=False)
    requests.add(house, "bo's", "Bo knows Cleo.", infer=True, scope=BO)
    requests.work_on(house, "bo's")
    house.project()


def accepted(house: CloudHouse) -> None:
    """Have an add accepted that goes on in the background."""
    requests.add(house, "inferred", "Ana knows Bob. Cleo swims.")


def cut_off(house: CloudHouse) -> None:
    """Have Ana's memories hidden and not yet removed."""
    told(house)
    requests.delete_all(house, "delete all")


def expired(house: CloudHouse) -> None:
    """Have a memory that expired long ago, and two that live on."""
    told(house)
    _let_one_expire(house)


def _let_one_expire(house: CloudHouse) -> None:
    expires = (house.clock.now() + timedelta(minutes=1)).isoformat()
    requests.add(house, "brief", "Ana waits for Dan.", infer=False, expiration_date=expires)
    house.project()
    house.clock.advance(MONTHS.total_seconds())


def ended(house: CloudHouse) -> None:
    """Have a deleted memory besides an expired one."""
    told(house)
    requests.delete(house, requests.memory_id(house, "ana's"))
    _let_one_expire(house)


def removed(house: CloudHouse) -> None:
    """Have the table remove what has ended."""
    expired(house)
    house.remove_expired_rows()


def changed(house: CloudHouse) -> None:
    """Have one memory new, one changed, one deleted, all of them behind the projections."""
    told(house)
    requests.add(house, "fresh", "Dan knows Eve.", infer=False)
    requests.update(house, requests.memory_id(house, "ana's"), "Ana knows Fritz.")
    requests.delete(house, requests.memory_id(house, "bo's"))


def asked(key: str, operation: Callable[[CloudHouse], object]) -> Callable[[CloudHouse], object]:
    """Have a client ask for something under a key."""
    return lambda house: requests.ask(house, key, lambda: operation(house))


def add_verbatim(house: CloudHouse) -> object:
    """Add one memory word for word."""
    return requests.add(house, "verbatim", "Ana knows Bob.", infer=False).status


def update(house: CloudHouse) -> object:
    """Change a memory's text."""
    return requests.update(house, requests.memory_id(house, "bo's"), "Bo knows Dan.")


def sweep(house: CloudHouse) -> int:
    """Remove for good what has ended."""
    return sweep_project(a_project(house.project_id), memories=house.stores.memories, clock=house.clock)


FLOWS = {
    "add verbatim": Flow(nothing, asked("verbatim", add_verbatim)),
    "add inferred": Flow(nothing, asked("inferred", accepted)),
    "work on an add": Flow(accepted, lambda house: requests.work_on(house, "inferred")),
    "update": Flow(told, asked("update", update)),
    "delete": Flow(told, asked("delete", lambda house: requests.delete(house, requests.memory_id(house, "ana's")))),
    "delete all": Flow(told, asked("delete all", lambda house: requests.delete_all(house, "delete all").event_id)),
    "work on a deletion": Flow(cut_off, lambda house: requests.work_on(house, "delete all")),
    "purge": Flow(ended, sweep),
    "project": Flow(changed, lambda house: house.project()),
    "project what the table removed": Flow(removed, lambda house: house.project()),
}


def seen(house: CloudHouse) -> dict[str, object]:
    """Return all a reader can see of a project, but ids and times."""
    stores, project_id = house.stores, house.project_id
    archived = stores.archive.dump(project_id, All(), includes_deleted=True)
    events = stores.events.list(project_id, EventQuery(), EVERYTHING).items
    return {
        "memories": sorted(
            (one.memory.state, one.memory.text, [(each.change, each.old_text, each.new_text) for each in one.versions])
            for one in archived
        ),
        "events": sorted(
            (one.type, one.status, [each.text for each in one.results], [each.content for each in one.messages])
            for one in events
        ),
        "owners": sorted(record.owner_id for record in stores.owners.list(project_id, EVERYTHING).items),
        "found": sorted(scored.memory.text for scored in house.search("Ana Bob Cleo Dan Eve Fritz", All()).results),
    }


def halves(house: CloudHouse) -> Iterator[str]:
    """Say which memories a reader sees in part."""
    listed = {memory.memory_id: memory for memory in house.memories()}
    found = [scored.memory for scored in house.search("Ana Bob Cleo Dan Eve Fritz", All()).results]
    if any(listed.get(memory.memory_id) != memory for memory in found):
        yield "found, but not listed as it is"
    known = [requests.memory_id(house, key) for key in KEYS]
    if house.stores.memories.get(house.project_id, known) != {key: listed[key] for key in known if key in listed}:
        yield "not listed as it is got"
    for memory in listed.values():
        numbers = [one.version for one in house.stores.memories.versions(house.project_id, memory.memory_id)]
        if numbers != list(range(1, memory.version + 1)):
            yield f"{memory.text} has the versions {numbers}"


@pytest.mark.parametrize("name", FLOWS)
def test_a_crash_anywhere_loses_and_repeats_nothing(cloud_house: CloudHouse, name: str) -> None:
    """Whatever request a process died before or after, readers see whole memories, and all ends as if it had not died.

    What stands after one request stands before the next: the first is then left to the system alone for a night, the
    second is asked for again at once.
    """
    flow, calls = FLOWS[name], CountedCalls()
    # GIVEN how it ends undisturbed
    house = cloud_house.of("undisturbed")
    flow.before(house)
    flow.act(house.counting(calls))
    house.go_on()
    expected = seen(house)
    houses = [house]
    for place, after in product(range(len(calls.names)), (False, True)):
        point = f"{name}: {calls.names[place]} {place}, {after=}"
        house = cloud_house.of(f"{place}-{after}")
        houses.append(house)
        flow.before(house)

        # WHEN a process dies
        with pytest.raises(Crash):
            flow.act(house.counting(CountedCalls(place, after=after)))

        # THEN nobody sees half of a memory, and what is left to do is done
        assert list(halves(house)) == [], point
        if after:
            house.go_on()
            sweep(house)
            house.project()
            assert list(halves(house)) == [], point
            assert house.projection_faults() == [], point
        house.clock.advance(60)
        flow.act(house)
        house.go_on()
        assert seen(house) == expected, point
        assert house.projection_faults() == [], point

    # AND nothing is left behind, nor does it matter that every change is told once more
    assert faults_in(cloud_house.bench.rows()) == []
    cloud_house.project_anew()
    assert [one.project_id for one in houses if one.projection_faults()] == []
    assert cloud_house.dead_letters.letters == []
