"""Requests nobody should send: each is refused in the API's own words, and changes nothing."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.server import RunningServer

ADD, SEARCH, LIST = "/v3/memories/add/", "/v3/memories/search/", "/v3/memories/"
EVE = "eve"
WRONG: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    " ",
    "\0",
    "\ud800",
    "x" * 600,
    [],
    [1],
    [[]],
    {},
    {"a": 1},
]
FIELDS = {
    ADD: [
        "messages",
        "user_id",
        "agent_id",
        "filters",
        "metadata",
        "infer",
        "immutable",
        "expiration_date",
        "timestamp",
        "custom_categories",
        "org_id",
        "project_id",
        "includes",
    ],
    SEARCH: [
        "query",
        "filters",
        "top_k",
        "threshold",
        "rerank",
        "fields",
        "categories",
        "metadata",
        "show_expired",
        "latest_only",
        "reference_date",
    ],
    LIST: [
        "filters",
        "page",
        "page_size",
        "fields",
        "categories",
        "keywords",
        "metadata",
        "start_date",
        "end_date",
        "show_expired",
        "latest_only",
    ],
}
VALID = {
    ADD: {"messages": "hello", "user_id": EVE, "infer": False},
    SEARCH: {"query": "hello", "filters": {"user_id": EVE}},
    LIST: {"filters": {"user_id": EVE}},
}


def require_answer(answer: httpx.Response, statuses: frozenset[int] = frozenset({200, 400, 403, 404, 413})) -> None:
    """Require one of these statuses, and a refusal in the API's shape."""
    assert answer.status_code in statuses, (answer.status_code, answer.text[:300])
    if answer.status_code >= 400:
        assert {"detail", "code"} <= set(answer.json())


@pytest.fixture(autouse=True)
def _no_fault(server: RunningServer) -> Iterator[None]:
    """No test of this file leaves an error in the server's log."""
    before = server.log.stat().st_size
    yield
    lines = server.log.read_bytes()[before:].decode().splitlines()
    assert [line for line in lines if '"level":"ERROR"' in line or "Traceback" in line] == []


@pytest.mark.parametrize(("path", "field"), [(path, field) for path, fields in FIELDS.items() for field in fields])
def test_wrong_types_in_every_field(http: httpx.Client, path: str, field: str) -> None:
    """A value of any wrong type is told, or read as what it plainly means."""
    for value in WRONG:
        body = json.dumps({**VALID[path], field: value})
        require_answer(http.post(path, content=body, headers={"Content-Type": "application/json"}))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"1",
        b"\xff\xfe\x00",
        '{"messages": "é"}'.encode("latin-1"),
        '{"messages": "x"}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b"{",
        b"[" * 100_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"messages": "x", "user_id": "eve", "metadata": ' + b"[" * 70 + b"]" * 70 + b"}",
        b'{"messages": "x", "user_id": "eve", "timestamp": 1e999}',
        b'{"messages": "x", "user_id": "eve", "timestamp": NaN}',
        b'{"messages": "x", "user_id": "eve", "timestamp": ' + b"9" * 5000 + b"}",
        b'{"messages": "\\ud800", "user_id": "eve"}',
        b'{"messages": "x", "user_id": "\\udfff"}',
        b'{"messages": "x", "user_id": "eve", "metadata": {"\\ud800": 1}}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_bodies_that_are_no_requests(http: httpx.Client, body: bytes) -> None:
    """What is not JSON, or no object, or could not be stored again, is a 400."""
    require_answer(http.post(ADD, content=body, headers={"Content-Type": "application/json"}), frozenset({400}))


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("APPLICATION/JSON; charset=UTF-8", 200),
        ("application/vnd.api+json", 200),
        ("", 200),
        ("text/plain", 400),
        ("application/x-www-form-urlencoded", 400),
        ("multipart/form-data; boundary=x", 400),
        ("application/jsonp", 400),
        (";", 400),
    ],
)
def test_content_types(http: httpx.Client, kind: str, status: int) -> None:
    """JSON under any of its names is read; another type is refused and told what to send."""
    answer = http.post(ADD, content=json.dumps(VALID[ADD]), headers={"Content-Type": kind})
    require_answer(answer, frozenset({status}))
    assert status == 200 or "Content-Type: application/json" in answer.json()["detail"]


def test_compressed_bodies_are_refused(http: httpx.Client) -> None:
    """A body under Content-Encoding is not guessed at."""
    packed = gzip.compress(json.dumps(VALID[ADD]).encode())
    for encoding, status in (("gzip", 400), ("br", 400), ("identity", 200)):
        content = packed if status == 400 else json.dumps(VALID[ADD]).encode()
        headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
        require_answer(http.post(ADD, content=content, headers=headers), frozenset({status}))


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "BREW", "PUT", "DELETE", "GET"])
def test_methods_nobody_serves(http: httpx.Client, method: str) -> None:
    """A method a path does not have is a 404 that says so."""
    answer = http.request(method, ADD)
    assert answer.status_code == 404
    assert method == "HEAD" or answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "//",
        "/v1/memories/%ff/",
        "/v1/memories/%00/",
        "/v1/memories/%/",
        "/v1/memories/a%2Fb/",
        "/v1/memories/" + "a" * 50_000 + "/",
        "/v1/memories//history/",
        "/v1/event/%F0%9F%92%A5/",
        "/v1/events/?page=0",
        "/v1/events/?page=1e3",
        f"/v1/events/?page={10**18}",
        "/v1/events/?page_size=101",
        "/v1/events/?event_type=%00",
        "/v1/events/?start_date=%ff",
        "/v1/events/?start_date=9999-12-31",
        "/v1/events/?end_date=0001-01-01",
        "/v1/entities/?page=1000000000",
        "/v1/entities/?page=",
        "/v1/ping/?%ff=%ff&&=",
        "/v2/entities/user/%20/",
        "/v2/entities/user/" + "x" * 600 + "/",
        "/v2/entities/%00/x/",
        "/v2/entities/user/*/",
    ],
    ids=lambda path: path[:40],
)
def test_paths_and_queries_nobody_means(http: httpx.Client, path: str) -> None:
    """Odd paths and queries are answered or refused, never a fault."""
    require_answer(http.get(httpx.URL(str(http.base_url).rstrip("/") + path)))


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00", "9999-12-31T23:59:59.999998", 0, 253_402_300_799, "1969-12-31"])
def test_timestamps_at_the_ends_of_time(http: httpx.Client, at: object) -> None:
    """A time that can be read is kept and shown; one that cannot is a 400."""
    answer = http.post(ADD, json={**VALID[ADD], "messages": f"At {at}", "timestamp": at})
    require_answer(answer)
    if answer.status_code == 200:
        memory = http.get(f"/v1/memories/{answer.json()['results'][0]['id']}/")
        require_answer(memory, frozenset({200}))
        ask = {"query": "at", "filters": {"user_id": EVE, "created_at": {"lte": memory.json()["created_at"]}}}
        require_answer(http.post(SEARCH, json=ask))


def test_metadata_with_odd_keys_comes_back(http: httpx.Client) -> None:
    """Any key JSON can spell is kept, found by a filter, and moves nothing."""
    odd = {
        "": 1,
        "a.b": 2,
        "$x": [3],
        "\0": "n\0l",
        "__proto__": {},
        "user_id": "other",
        "é'\";--": None,
        "n": 10**300,
    }
    added = http.post(ADD, json={**VALID[ADD], "messages": "Odd", "metadata": odd})
    memory = http.get(f"/v1/memories/{added.json()['results'][0]['id']}/").json()
    assert (memory["metadata"], memory["user_id"]) == (odd, EVE)
    for key in ("", "a.b", "\0", "é'\";--"):
        found = http.post(LIST, json={"filters": {"user_id": EVE, "metadata": {key: odd[key]}}}).json()
        assert [row["id"] for row in found["results"]] == [memory["id"]]


def test_the_server_is_well_after_all_this(http: httpx.Client) -> None:
    """It still answers, and knows nobody who was only named in requests it refused."""
    assert http.get("/v1/ping/").status_code == 200
    names = {row["name"] for row in http.get("/v1/entities/", params={"page_size": 200}).json()["results"]}
    assert not names & {"", " ", "\ud800"}
