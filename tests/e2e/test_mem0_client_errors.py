"""What mem0's clients raise, and the bodies behind it: each refusal has its status, class and keys."""

from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import uuid4

import httpx
import pytest
from mem0 import MemoryClient
from mem0.exceptions import (
    AuthenticationError,
    MemoryNotFoundError,
    MemoryQuotaExceededError,
    ValidationError,
)
from mem0.exceptions import (
    MemoryError as Mem0Error,
)
from support.server import RunningServer

from ricordo.runtime.http import BODY_LIMIT_BYTES

Remember = Callable[..., list[str]]
BOB = {"user_id": "bob-nobody"}
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("call", "error", "status", "keys"),
    [
        (lambda c: c.add("x"), ValidationError, 400, {"error", "details"}),
        (lambda c: c.add([], **BOB), ValidationError, 400, {"error", "details"}),
        (lambda c: c.add("x", user_id="  "), ValidationError, 400, {"error", "details"}),
        (lambda c: c.add("x", user_id="*"), ValidationError, 400, {"error", "details"}),
        (lambda c: c.add("x", expiration_date="soon", **BOB), ValidationError, 400, {"error", "details"}),
        (lambda c: c.add("x", timestamp=10**18, **BOB), ValidationError, 400, {"error", "details"}),
        (
            lambda c: c.add("x", custom_categories=["travel"], **BOB),
            ValidationError,
            400,
            {"error", "details"},
        ),
        (
            lambda c: c.add("x", metadata={"k": "v" * 40_000}, **BOB),
            ValidationError,
            400,
            {"error", "details"},
        ),
        (lambda c: c.add("x" * 50_001, **BOB), ValidationError, 400, {"error", "details"}),
        (
            lambda c: c.add({"role": "user", "content": {"type": "image_url"}}, infer=False, **BOB),
            ValidationError,
            400,
            {"error", "details"},
        ),
        (lambda c: c.search("x", filters={}), ValidationError, 400, {"error"}),
        (lambda c: c.search("x"), ValidationError, 400, {"error"}),
        (lambda c: c.search("x", filters={"NOT": BOB}), ValidationError, 400, {"error"}),
        (lambda c: c.search("x", filters={"surname": "b", **BOB}), ValidationError, 400, {"filters"}),
        (
            lambda c: c.search("x", filters={"created_at": {"eq": "2026-01-01"}, **BOB}),
            ValidationError,
            400,
            {"filters"},
        ),
        (lambda c: c.search("x", filters=BOB, top_k=0), ValidationError, 400, {"error"}),
        (lambda c: c.search("x", filters=BOB, top_k=1001), ValidationError, 400, {"error"}),
        (lambda c: c.search("x", filters=BOB, threshold=1.1), ValidationError, 400, {"error"}),
        (lambda c: c.get_all(), ValidationError, 400, {"error"}),
        (lambda c: c.get_all(filters=BOB, page=0), ValidationError, 400, {"error"}),
        (lambda c: c.get_all(filters=BOB, page=10**18), ValidationError, 400, {"error"}),
        (lambda c: c.get_all(filters=BOB, page_size=201), ValidationError, 400, {"error"}),
        (lambda c: c.get("not-a-uuid"), ValidationError, 400, {"error"}),
        (lambda c: c.get(UNKNOWN), MemoryNotFoundError, 404, {"error"}),
        (lambda c: c.update(UNKNOWN, text="x"), MemoryNotFoundError, 404, {"error"}),
        (lambda c: c.delete(UNKNOWN), MemoryNotFoundError, 404, {"error"}),
        (lambda c: c.history(UNKNOWN), MemoryNotFoundError, 404, {"error"}),
        (lambda c: c.batch_update([]), ValidationError, 400, {"error"}),
        (lambda c: c.batch_update([{"memory_id": UNKNOWN}]), ValidationError, 400, {"error"}),
        (lambda c: c.delete_users(user_id="bob-nobody"), MemoryNotFoundError, 404, {"message"}),
        (lambda c: c.add("x", project_id="proj_other", **BOB), AuthenticationError, 403, {"error"}),
        (lambda c: c.add("x" * BODY_LIMIT_BYTES, **BOB), MemoryQuotaExceededError, 413, {"message"}),
    ],
)
def test_each_refusal_has_its_class_and_keys(
    client: Any, call: Callable[[Any], Any], error: type[Mem0Error], status: int, keys: set[str]
) -> None:
    """A refusal raises the class of its status, says why in `detail`, and carries the Platform's own keys."""
    with pytest.raises(error) as caught:
        call(client)
    assert type(caught.value) is error
    assert caught.value.error_code == f"HTTP_{status}"
    assert caught.value.message == caught.value.details["detail"]
    assert set(caught.value.details) == {"detail", "code"} | keys


def test_a_revoked_key_raises_authentication_error(server: RunningServer) -> None:
    """A key that is revoked while in use is refused from the next call on."""
    key = server.add_key(server.add_project())
    client = MemoryClient(api_key=key, host=server.base_url)
    with closing(client.client):
        client.add("Likes tea", user_id="a", infer=False)
        server.revoke_key(key)
        with pytest.raises(AuthenticationError) as caught:
            client.add("Likes tea", user_id="a", infer=False)
    assert caught.value.error_code == "HTTP_401"
    assert set(caught.value.details) == {"detail", "code"}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [("query", " ", "query"), ("query", 7, "query"), ("top_k", "many", "top_k"), ("fields", [1], "fields.0")],
)
def test_a_fault_names_its_field(http: httpx.Client, field: str, value: object, told: str) -> None:
    """The message says which field is wrong, and never repeats what was sent."""
    answer = http.post("/v3/memories/search/", json={"query": "x", "filters": BOB, field: value})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(f"Invalid input data. {told}: ")


def test_owners_beside_filters_are_refused(http: httpx.Client) -> None:
    """Search and list want owners inside filters, as the clients check before they send."""
    for path in ("/v3/memories/search/", "/v3/memories/"):
        answer = http.post(path, json={"query": "x", "filters": BOB, **BOB})
        assert answer.status_code == 400
        assert "inside filters" in answer.json()["detail"]


def test_unknown_fields_are_accepted(http: httpx.Client, ana: str) -> None:
    """Settings we do not know, from older and third-party clients, do not stop a request."""
    settings = {
        "enable_graph": True,
        "output_format": "v1.1",
        "version": "v2",
        "source": "N8N",
        "tags": ["a"],
    }
    body = {"messages": "Likes tea", "user_id": ana, "infer": False, **settings}
    assert http.post("/v3/memories/add/", json=body).status_code == 200
    found = http.post("/v3/memories/search/", json={"query": "tea", "filters": {"user_id": ana}, **settings})
    assert len(found.json()["results"]) == 1


@pytest.mark.parametrize("path", ["/", "/v1/", "/v1/memories", "/v9/ping/", "/v1/ping/x/", "/v1%2Fping/"])
def test_unknown_routes_are_404(http: httpx.Client, path: str) -> None:
    """A path or method that does not exist is told in the shape of every other refusal."""
    answer = http.get(path)
    assert answer.status_code == 404
    assert answer.json() == {
        "detail": answer.json()["error"],
        "error": answer.json()["error"],
        "code": "not_found",
    }


@pytest.mark.parametrize("path", ["/v1/ping", "/v1/ping/", "//v1/ping/", "/v1//ping", "/v1/ping//"])
def test_slashes_do_not_matter(http: httpx.Client, path: str) -> None:
    """With and without a slash at the end, and with doubled ones, a path is the same and never redirects."""
    assert http.get(httpx.URL(str(http.base_url) + path)).json()["status"] == "ok"


def test_head_is_get_without_a_body(http: httpx.Client) -> None:
    """HEAD answers as GET does, for load balancers that ask so."""
    answer = http.head("/health")
    assert (answer.status_code, answer.content) == (200, b"")


def test_if_match_guards_a_version(http: httpx.Client, remember: Remember) -> None:
    """A write that names another version than the current one is a 409 and changes nothing."""
    (memory_id,) = remember("Version one")
    path = f"/v1/memories/{memory_id}/"
    assert http.get(path).headers["etag"] == '"1"'
    updated = http.put(path, json={"text": "Version two"}, headers={"If-Match": '"1"'})
    assert (updated.status_code, updated.headers["etag"]) == (200, '"2"')
    for stale in ('"1"', "1", "9"):
        assert http.put(path, json={"text": "Lost"}, headers={"If-Match": stale}).status_code == 409
        refused = http.delete(path, headers={"If-Match": stale})
        assert (refused.status_code, refused.json()["code"]) == (409, "version_conflict")
    for malformed in ("0", "-1", "x", '""', "1, 2"):
        assert http.delete(path, headers={"If-Match": malformed}).status_code == 400
    assert http.get(path).json()["memory"] == "Version two"
    assert http.delete(path, headers={"If-Match": "2"}).status_code == 200


def test_a_refused_write_changes_nothing(http: httpx.Client, ana: str) -> None:
    """Of an add that is refused for any of its parts nothing is kept, not even the owner."""
    for wrong in ({"metadata": {"k": "v" * 40_000}}, {"expiration_date": "soon"}, {"timestamp": "soon"}):
        body = {"messages": "Likes tea", "user_id": ana, "infer": False, **wrong}
        assert http.post("/v3/memories/add/", json=body).status_code == 400
    assert http.get(f"/v2/entities/user/{ana}/").status_code == 404
    assert http.get(f"/v1/event/{uuid4()}/").status_code == 404
