"""Projects are apart: a key reaches its own project and nothing else, a reader's key reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from support.server import RunningServer

from ricordo.domain.project import AccessRole

SHARED = "the-same-user"


@dataclass(frozen=True, slots=True)
class Tenant:
    """One project with its key and what was remembered in it."""

    http: httpx.Client
    project_id: str
    memory_id: str
    event_id: str


def connect(server: RunningServer, key: str) -> httpx.Client:
    """Return a client with a key."""
    headers = {"Authorization": f"Token {key}"}
    return httpx.Client(base_url=server.base_url, headers=headers, timeout=60)


def add(http: httpx.Client, text: str, **options: Any) -> httpx.Response:
    """Add one text word for word for the user both projects have."""
    return http.post("/v3/memories/add/", json={"messages": text, "user_id": SHARED, "infer": False, **options})


@pytest.fixture(scope="module")
def tenants(server: RunningServer) -> Iterator[list[Tenant]]:
    """Two projects that know the same user and said nearly the same."""
    made = []
    for name in ("first", "second"):
        project_id = server.add_project()
        http = connect(server, server.add_key(project_id))
        added = add(http, f"The secret of the {name} is in the garden").json()
        made.append(Tenant(http, project_id, added["results"][0]["id"], added["event_id"]))
    yield made
    for tenant in made:
        tenant.http.close()


@pytest.fixture
def mine(tenants: list[Tenant]) -> Tenant:
    """The project whose key is used."""
    return tenants[0]


@pytest.fixture
def theirs(tenants: list[Tenant]) -> Tenant:
    """The project that must stay out of reach."""
    return tenants[1]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/memories/{memory}/", None),
        ("GET", "/v1/memories/{memory}/history/", None),
        ("PUT", "/v1/memories/{memory}/", {"text": "changed"}),
        ("DELETE", "/v1/memories/{memory}/", None),
        ("PUT", "/v1/batch/", {"memories": [{"memory_id": "{memory}", "text": "changed"}]}),
        ("DELETE", "/v1/batch/", {"memories": [{"memory_id": "{memory}"}]}),
        ("GET", "/v1/event/{event}/", None),
    ],
)
def test_ids_of_another_project_are_unknown(
    mine: Tenant, theirs: Tenant, method: str, path: str, body: dict[str, Any] | None
) -> None:
    """Another project's memory and event are not found, neither to read nor to change."""
    path = path.format(memory=theirs.memory_id, event=theirs.event_id)
    if body and "memories" in body:
        body = {"memories": [{**item, "memory_id": theirs.memory_id} for item in body["memories"]]}
    assert mine.http.request(method, path, json=body).status_code == 404
    assert theirs.http.get(f"/v1/memories/{theirs.memory_id}/").json()["version"] == 1


def test_lists_and_searches_stay_inside(mine: Tenant, theirs: Tenant) -> None:
    """Wildcards, ids in filters and owners of the same name show the key's own project only."""
    for filters in (
        {"user_id": SHARED},
        {"user_id": "*"},
        {"OR": [{"user_id": "*"}, {"memory_ids": [theirs.memory_id]}]},
    ):
        listed = mine.http.post("/v3/memories/", json={"filters": filters}).json()
        assert [row["id"] for row in listed["results"]] == [mine.memory_id]
        ask = {
            "query": "Where is the secret of the second?",
            "filters": filters,
            "threshold": 0,
            "top_k": 1000,
        }
        found = mine.http.post("/v3/memories/search/", json=ask).json()
        assert [row["id"] for row in found["results"]] == [mine.memory_id]
    events = mine.http.get("/v1/events/").json()["results"]
    assert [event["id"] for event in events] == [mine.event_id]
    assert mine.http.get("/v1/entities/").json()["count"] == 1


def test_a_cursor_leads_on_in_its_own_list_only(mine: Tenant, theirs: Tenant) -> None:
    """Following `next` turns to the page it names; in another project, or for other filters, it is refused."""
    ask = {"filters": {"user_id": "cursors"}}
    for tenant in (mine, theirs):
        for number in range(3):
            add(tenant.http, f"Fact {number} of {tenant.project_id}", user_id="cursors")
    first = mine.http.post("/v3/memories/", params={"page_size": 2}, json=ask).json()

    second = mine.http.post(first["next"], json=ask).json()

    assert [row["memory"] for row in second["results"]] == [f"Fact 0 of {mine.project_id}"]
    assert (second["count"], second["next"]) == (3, None)
    where = first["next"].partition("/v3")[2]
    assert theirs.http.post(f"/v3{where}", json=ask).status_code == 400
    assert mine.http.post(first["next"], json={"filters": {"user_id": "*"}}).status_code == 400


def test_deletions_stay_inside(mine: Tenant, theirs: Tenant) -> None:
    """Deleting everything, or a user both know, leaves the other project whole."""
    everything = dict.fromkeys(("user_id", "agent_id", "app_id", "run_id"), "*")
    add(theirs.http, "Something more")
    assert theirs.http.delete("/v1/memories/", params=everything).status_code == 200
    assert theirs.http.delete(f"/v2/entities/user/{SHARED}/").status_code == 200
    assert theirs.http.get(f"/v1/memories/{theirs.memory_id}/").status_code == 404
    assert mine.http.get(f"/v1/memories/{mine.memory_id}/").status_code == 200
    assert mine.http.get(f"/v2/entities/user/{SHARED}/").status_code == 200


def test_metadata_cannot_move_a_memory(mine: Tenant, theirs: Tenant) -> None:
    """A project or an owner in metadata is metadata."""
    forged = {"project_id": theirs.project_id, "user_id": "someone-else"}
    memory_id = add(mine.http, "Forged", metadata=forged).json()["results"][0]["id"]
    shown = mine.http.get(f"/v1/memories/{memory_id}/").json()
    assert (shown["user_id"], shown["metadata"]) == (SHARED, forged)
    assert theirs.http.get(f"/v1/memories/{memory_id}/").status_code == 404
    mine.http.delete(f"/v1/memories/{memory_id}/")


def test_naming_another_project_is_refused(mine: Tenant, theirs: Tenant) -> None:
    """A `project_id` that is not the key's is a 403, in the query of any route and in every body."""
    named = {"project_id": theirs.project_id}
    asked = {"filters": {"user_id": SHARED}, **named}
    item = {"memory_id": mine.memory_id, "text": "changed"}
    answers = [
        mine.http.get("/v1/ping/", params=named),
        mine.http.get(f"/v1/memories/{mine.memory_id}/", params=named),
        mine.http.get("/v1/events/", params=named),
        mine.http.get("/v1/entities/", params=named),
        mine.http.get(f"/v2/entities/user/{SHARED}/", params=named),
        mine.http.delete("/v1/memories/", params={"user_id": SHARED, **named}),
        add(mine.http, "x", **named),
        mine.http.post("/v3/memories/search/", json={"query": "x", **asked}),
        mine.http.post("/v3/memories/", json=asked),
        mine.http.put(f"/v1/memories/{mine.memory_id}/", json={"text": "changed", **named}),
        mine.http.put("/v1/batch/", json={"memories": [item], **named}),
        mine.http.request("DELETE", "/v1/batch/", json={"memories": [item], **named}),
    ]
    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert {answer.json()["code"] for answer in answers} == {"access_denied"}
    own = mine.http.get("/v1/ping/", params={"project_id": mine.project_id})
    assert own.json()["project_id"] == mine.project_id


def test_a_readers_key_reads_and_cannot_write(server: RunningServer, mine: Tenant) -> None:
    """With the role reader every read works and every write is a 403 that changes nothing."""
    with connect(server, server.add_key(mine.project_id, AccessRole.READER)) as reader:
        item = {"memory_id": mine.memory_id, "text": "changed"}
        reads = [
            reader.get(f"/v1/memories/{mine.memory_id}/"),
            reader.post("/v3/memories/search/", json={"query": "secret", "filters": {"user_id": SHARED}}),
            reader.post("/v3/memories/", json={"filters": {"user_id": SHARED}}),
            reader.get("/v1/events/"),
        ]
        writes = [
            add(reader, "x"),
            reader.put(f"/v1/memories/{mine.memory_id}/", json={"text": "changed"}),
            reader.delete(f"/v1/memories/{mine.memory_id}/"),
            reader.delete("/v1/memories/", params={"user_id": SHARED}),
            reader.put("/v1/batch/", json={"memories": [item]}),
            reader.request("DELETE", "/v1/batch/", json={"memories": [item]}),
            reader.delete(f"/v2/entities/user/{SHARED}/"),
            reader.post("/v3/memories/add/", json={"messages": "x", "user_id": "a"}, headers={"Idempotency-Key": "k"}),
        ]
    assert [answer.status_code for answer in reads] == [200] * len(reads)
    assert [answer.status_code for answer in writes] == [403] * len(writes)
    assert mine.http.get(f"/v1/memories/{mine.memory_id}/").json()["version"] == 1


def test_an_idempotency_key_belongs_to_its_project(tenants: list[Tenant]) -> None:
    """Two projects that send the same write under the same key get answers of their own."""
    body = {"messages": "Twice said", "user_id": "twice", "infer": False}
    answers = [
        tenant.http.post("/v3/memories/add/", json=body, headers={"Idempotency-Key": "shared-key"}).json()
        for tenant in tenants
    ]
    assert answers[0]["event_id"] != answers[1]["event_id"]
    for tenant, answer in zip(tenants, answers, strict=True):
        assert tenant.http.get(f"/v1/memories/{answer['results'][0]['id']}/").status_code == 200


def test_a_revoked_key_is_refused_at_once(server: RunningServer, mine: Tenant) -> None:
    """The first request after the revocation is a 401."""
    key = server.add_key(mine.project_id)
    with connect(server, key) as http:
        assert http.get("/v1/ping/").status_code == 200
        server.revoke_key(key)
        assert http.get("/v1/ping/").status_code == 401


@pytest.mark.parametrize("authorization", [None, "", "Token", "Bearer {key}", "{key}", "Token {key}x", "Token {other}"])
def test_without_its_key_nothing_is_reached(server: RunningServer, mine: Tenant, authorization: str | None) -> None:
    """No header, another scheme, a key with a letter too many, a secret of another key: all 401."""
    parts = server.api_key.split("-")
    other = "-".join([*parts[:2], "0" * 64])
    headers = {} if authorization is None else {"Authorization": authorization.format(key=server.api_key, other=other)}
    with httpx.Client(base_url=server.base_url, headers=headers) as http:
        for path in (f"/v1/memories/{mine.memory_id}/", "/v1/ping/", "/nowhere/"):
            answer = http.get(path)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
