"""`Idempotency-Key`: a write that is sent again has one effect and one answer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

Remember = Callable[..., list[str]]


def _key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


@pytest.mark.parametrize("infer", [False, True])
def test_the_same_add_at_the_same_time_happens_once(http: httpx.Client, ana: str, *, infer: bool) -> None:
    """Five equal adds in parallel are one event and get five equal answers."""
    key, body = _key(), {"messages": "I live in Lisbon", "user_id": ana, "infer": infer}

    def send(_number: int) -> tuple[int, str]:
        answer = http.post("/v3/memories/add/", json=body, headers=key)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(5) as threads:
        answers = set(threads.map(send, range(5)))
    assert len(answers) == 1
    ((status, _),) = answers
    assert status == 200
    events = http.get("/v1/events/", params={"page_size": 100}).json()["results"]
    assert len([event for event in events if event["payload"].get("user_id") == ana]) == 1


def test_another_request_under_the_same_key_is_refused(http: httpx.Client, ana: str) -> None:
    """The key belongs to one request: another body or path is a 409 and changes nothing."""
    key = _key()
    first = http.post("/v3/memories/add/", json={"messages": "One", "user_id": ana, "infer": False}, headers=key)
    other = http.post("/v3/memories/add/", json={"messages": "Two", "user_id": ana, "infer": False}, headers=key)
    deleted = http.delete("/v1/memories/", params={"user_id": ana}, headers=key)
    assert (first.status_code, other.status_code, deleted.status_code) == (200, 409, 409)
    assert other.json()["code"] == "idempotency_conflict"
    listed = http.post("/v3/memories/", json={"filters": {"user_id": ana}}).json()["results"]
    assert [row["memory"] for row in listed] == ["One"]


def test_every_kind_of_write_is_answered_again(http: httpx.Client, remember: Remember) -> None:
    """An update and a delete that are repeated get their first answers, headers included."""
    (memory_id,) = remember("One")
    path = f"/v1/memories/{memory_id}/"
    update, delete = _key(), _key()
    updates = [http.put(path, json={"text": "Two"}, headers=update) for _ in range(2)]
    deletes = [http.delete(path, headers=delete) for _ in range(2)]
    assert [answer.headers["etag"] for answer in updates] == ['"2"', '"2"']
    assert updates[0].json() == updates[1].json()
    assert updates[0].headers["content-type"] == updates[1].headers["content-type"] == "application/json"
    assert [answer.status_code for answer in deletes] == [200, 200]


def test_a_refused_request_leaves_its_key_free(http: httpx.Client, ana: str) -> None:
    """A request that changed nothing may be mended and sent again under its key."""
    key = _key()
    assert http.post("/v3/memories/add/", json={"messages": [], "user_id": ana}, headers=key).status_code == 400
    mended = {"messages": "One", "user_id": ana, "infer": False}
    assert http.post("/v3/memories/add/", json=mended, headers=key).status_code == 200


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_of_no_use_is_refused(http: httpx.Client, ana: str, key: str) -> None:
    """A key has 1 to 255 characters."""
    body = {"messages": "One", "user_id": ana, "infer": False}
    assert http.post("/v3/memories/add/", json=body, headers={"Idempotency-Key": key}).status_code == 400


def test_reads_take_no_key(http: httpx.Client, ana: str) -> None:
    """A search under a key that was used for another one is answered afresh."""
    key = _key()
    for query in ("tea", "coffee"):
        body = {"query": query, "filters": {"user_id": ana}}
        assert http.post("/v3/memories/search/", json=body, headers=key).status_code == 200
