"""What an operator invokes once a deployment stands."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.cloud_house import CloudHouse

from functions.provision import handler as provision
from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.project import AccessRole
from ricordo.runtime.key_secret import peppers_of
from ricordo.usecases.authenticate import authenticate

EVENTS = Path(__file__).parents[3] / "events/provision"


@pytest.fixture
def house(cloud_house: CloudHouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CloudHouse:
    """The house, with the function in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(provision, "services", lambda: cloud_house.services)
    return cloud_house


def invoked(event: dict[str, Any]) -> dict[str, Any]:
    """Invoke the function, as a JSON round trip away as Lambda is."""
    answer: dict[str, Any] = json.loads(json.dumps(provision.handler(json.loads(json.dumps(event)), None)))
    return answer


@pytest.mark.parametrize("payload", sorted(EVENTS.glob("*.json")), ids=lambda path: path.stem)
def test_payloads_are_taken_twice(house: CloudHouse, payload: Path) -> None:
    """An operator may invoke it again: nothing is made a second time."""
    event = json.loads(payload.read_text("utf-8"))

    invoked(event)
    made = len(house.stores.projects.list()), len(house.stores.keys.list())
    invoked(event)

    assert (len(house.stores.projects.list()), len(house.stores.keys.list())) == made


def test_the_index_is_that_of_the_embedder(house: CloudHouse) -> None:
    """The answer names its model."""
    assert invoked({}) == {"index": {"embedder": house.embedder.model_id}}


def test_a_key_opens_its_project(house: CloudHouse) -> None:
    """The token is told once, and is an owner's."""
    told = invoked({"api_key": {"project": "bot"}})["api_key"]

    principal = authenticate(told["token"], keys=house.stores.keys, peppers=peppers_of(house.services.settings))
    assert (principal.project_id, principal.key_id) == (told["project_id"], told["key_id"])
    assert principal.role is AccessRole.OWNER
    again = invoked({"api_key": {"project": "bot"}})["api_key"]
    assert again == {**told, "is_new": False, "token": None}


def test_a_project_may_have_more_keys(house: CloudHouse) -> None:
    """Another name is another key; the project is found by its name or its id."""
    first = invoked({"api_key": {"project": "bot"}})["api_key"]

    second = invoked({"api_key": {"project": first["project_id"], "name": "laptop"}})["api_key"]

    assert second["is_new"]
    assert second["project_id"] == first["project_id"]
    assert {key.name for key in house.stores.keys.list()} == {"default", "laptop"}


def test_a_revoked_key_is_replaced(house: CloudHouse) -> None:
    """Its name is free again."""
    first = invoked({"api_key": {"project": "bot"}})["api_key"]
    house.stores.keys.revoke(first["key_id"], at=house.clock.now())

    assert invoked({"api_key": {"project": "bot"}})["api_key"]["is_new"]


@pytest.mark.parametrize(
    "event",
    [
        {"index": True},
        {"api_key": None},
        {"api_key": "bot"},
        {"api_key": {}},
        {"api_key": {"project": ""}},
        {"api_key": {"project": 7}},
        {"api_key": {"project": "x" * 257}},
        {"api_key": {"project": "bot", "name": "  "}},
        {"api_key": {"project": "bot", "role": "owner"}},
    ],
)
def test_other_input_is_refused(house: CloudHouse, event: dict[str, Any]) -> None:
    """Lambda tells the error by its class, and nothing was made."""
    with pytest.raises(InvalidRequestError):
        invoked(event)

    assert house.stores.projects.list() == []


def test_the_token_is_not_logged(house: CloudHouse, caplog: pytest.LogCaptureFixture) -> None:
    """It is in the answer alone."""
    told = invoked({"api_key": {"project": "bot"}})["api_key"]

    (line,) = [record for record in caplog.records if record.message == "key provided"]
    assert vars(line)["key_id"] == told["key_id"]
    assert told["token"].rpartition("_")[2] not in str(vars(line))
    assert house.stores.keys.list()
