"""Every payload under `events/` runs through the real handler over the embedded adapters."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser.models import APIGatewayProxyEventModel
from support import events

from functions.api import caller, idempotency
from functions.api.handler import handler as api
from functions.authorize import handler as authorize_module
from functions.authorize.handler import handler as authorize
from ricordo.domain.api_key import hash_secret
from ricordo.domain.ids import KeyId, ProjectId
from ricordo.domain.project import AccessRole, ApiKey, Project
from ricordo.local.gateway import LambdaContext
from ricordo.runtime.services import Services
from ricordo.runtime.settings import Settings
from ricordo.runtime.wiring import wire

STATUSES = {
    "add_without_owner": 400,
    "add_not_utf8": 400,
    "add_not_json": 400,
    "add_not_authorized": 401,
    "add_as_reader": 403,
    "add_to_another_project": 403,
    "search_bad_filter": 400,
    "get_malformed": 400,
    "delete_all_of_nobody": 400,
    "entity_bad_type": 400,
    "no_such_route": 404,
}
NOW = datetime(2026, 3, 9, tzinfo=UTC)
API_EVENTS = events.read("api")
AUTHORIZE_EVENTS = events.read("authorize")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """An installation with the project and the key of the payloads, behind both handlers."""
    wired = wire(Settings(data_dir=tmp_path_factory.mktemp("events"), key_secret="pepper"))
    project_id = ProjectId(events.AUTHORIZED["project_id"])
    wired.projects.create(Project(project_id, events.AUTHORIZED["org_id"], "events", NOW, NOW))
    secret_hash = hash_secret("a" * 64, pepper=b"pepper")
    key_id = KeyId(events.AUTHORIZED["key_id"])
    wired.keys.add(ApiKey(key_id, project_id, events.AUTHORIZED["org_id"], "k", AccessRole.OWNER, secret_hash, NOW))
    with pytest.MonkeyPatch.context() as patched:
        for module in (caller, idempotency, authorize_module):
            patched.setattr(module, "services", lambda: wired)
        yield wired
    wired.close()


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize("name", API_EVENTS)
def test_api_answers_every_payload(name: str) -> None:
    """Each payload gets the status it stands for and a body of JSON text."""
    answer = api(API_EVENTS[name], LambdaContext("api"))
    expected = STATUSES.get(name, 404 if name.endswith("unknown") else 200)
    assert answer["statusCode"] == expected, answer["body"]
    body = json.loads(answer["body"])
    assert ("detail" in body) is (expected != 200)


@pytest.mark.parametrize("name", API_EVENTS)
def test_api_payloads_are_api_gateways(name: str) -> None:
    """Each payload is a REST proxy event as Powertools' own model reads it."""
    APIGatewayProxyEventModel.model_validate(API_EVENTS[name])


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize("name", ["known", "lower_case_scheme"])
def test_authorizer_allows_a_known_key(name: str) -> None:
    """The policy covers the whole stage, since it is cached, and the context says whose key it is."""
    policy = authorize(AUTHORIZE_EVENTS[name], None)
    (statement,) = policy["policyDocument"]["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Resource"] == "arn:aws:execute-api:eu-central-1:123456789012:abc123/v1/*"
    told = {name: value for name, value in events.AUTHORIZED.items() if name != "principalId"}
    assert (policy["context"], policy["principalId"]) == (told, told["key_id"])


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize("name", sorted(set(AUTHORIZE_EVENTS) - {"known", "lower_case_scheme"}))
def test_authorizer_refuses_any_other_token(name: str) -> None:
    """The one text that API Gateway turns into a 401 is raised."""
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        authorize(AUTHORIZE_EVENTS[name], None)


def test_payloads_are_what_the_gateway_builds() -> None:
    """The files are written by `python -m support.events` and by nobody's hand."""
    built: dict[str, dict[str, Any]] = {"api": events.api_events(), "authorize": events.authorize_events()}
    assert built == {"api": API_EVENTS, "authorize": AUTHORIZE_EVENTS}


def test_every_function_has_payloads() -> None:
    """A folder of functions with a handler has a folder of events."""
    root = Path(events.__file__).parent.parent.parent
    with_handler = {path.parent.name for path in root.glob("functions/*/handler.py")}
    assert {path.name for path in events.FOLDER.iterdir() if any(path.glob("*.json"))} >= with_handler
