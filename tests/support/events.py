"""Payloads as API Gateway sends them, one a file under `events/`.

`python -m support.events`, run in `tests/`, writes them anew.
"""

import json
from pathlib import Path
from typing import Any

from ricordo.local.gateway import Request, proxy_event

FOLDER = Path(__file__).parent.parent.parent / "events"
AUTHORIZED = {
    "principalId": "0123456789abcdef",
    "key_id": "0123456789abcdef",
    "project_id": "proj_events",
    "org_id": "org_events",
    "role": "owner",
}
MEMORY = "7a0f4a52-6a57-5a4e-9d43-9f2a0e1c7b11"
EVENT = "5d0e7a52-6a57-5a4e-9d43-9f2a0e1c7b11"
JSON = {"content-type": "application/json"}


def api_event(
    method: str,
    path: str,
    body: object = None,
    *,
    query: str = "",
    authorizer: dict[str, str] | None = None,
    raw: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Build the event of one request, with everything that changes from run to run fixed."""
    content = raw if raw is not None else b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    named = {"host": "ricordo.example.com", "user-agent": "python-httpx/0.28.1", **(JSON if content else {})}
    named |= {"x-forwarded-proto": "https", **(headers or {})}
    event = proxy_event(
        Request(method, path, query, tuple(named.items()), content, "203.0.113.7"),
        AUTHORIZED if authorizer is None else authorizer,
    )
    event["requestContext"] |= {
        "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "requestTime": "09/Mar/2026:14:02:11 +0000",
        "requestTimeEpoch": 1773064931000,
    }
    return event


def api_events() -> dict[str, dict[str, Any]]:
    """Return one payload for each case a route, or reading a request, distinguishes."""
    ana = {"user_id": "ana"}
    item = f"/v1/memories/{MEMORY}/"
    said = {"messages": [{"role": "user", "content": "Ana likes jasmine tea"}], **ana}
    return {
        "ping": api_event("GET", "/v1/ping/"),
        "health": api_event("GET", "/health", authorizer={}),
        "add_verbatim": api_event("POST", "/v3/memories/add/", {**said, "infer": False}),
        "add_inferred": api_event("POST", "/v3/memories/add/", said, headers={"idempotency-key": "add-1"}),
        "add_without_owner": api_event("POST", "/v3/memories/add/", {"messages": "Likes tea"}),
        "add_as_reader": api_event("POST", "/v3/memories/add/", said, authorizer={**AUTHORIZED, "role": "reader"}),
        "add_not_authorized": api_event("POST", "/v3/memories/add/", said, authorizer={}),
        "add_to_another_project": api_event("POST", "/v3/memories/add/", {**said, "project_id": "proj_other"}),
        "add_not_utf8": api_event("POST", "/v3/memories/add/", raw=b'{"messages": "\xff", "user_id": "ana"}'),
        "add_base64": api_event(
            "POST",
            "/v3/memories/add/",
            {**said, "infer": False},
            headers={"content-type": "application/vnd.api+json", "content-encoding": "identity"},
        ),
        "add_not_json": api_event(
            "POST", "/v3/memories/add/", raw=b"messages=tea", headers={"content-type": "text/plain"}
        ),
        "search": api_event("POST", "/v3/memories/search/", {"query": "What does Ana drink?", "filters": ana}),
        "search_bad_filter": api_event("POST", "/v3/memories/search/", {"query": "tea", "filters": {"name": "ana"}}),
        "list": api_event("POST", "/v3/memories/", {"filters": ana}, query="page=1&page_size=2"),
        "list_doubled_slashes": api_event("POST", "//v3/memories//", {"filters": ana}),
        "get_unknown": api_event("GET", item),
        "get_malformed": api_event("GET", "/v1/memories/not-a-uuid/"),
        "update_unknown": api_event("PUT", item, {"text": "Ana likes coffee"}, headers={"if-match": '"1"'}),
        "delete_unknown": api_event("DELETE", item, query="delete_linked=true"),
        "history_unknown": api_event("GET", f"{item}history/"),
        "delete_all": api_event("DELETE", "/v1/memories/", query="user_id=nobody"),
        "delete_all_python_filters": api_event(
            "DELETE", "/v1/memories/", query="filters=%7B%27user_id%27%3A+%27nobody%27%7D"
        ),
        "delete_all_of_nobody": api_event("DELETE", "/v1/memories/"),
        "batch_update_unknown": api_event("PUT", "/v1/batch/", {"memories": [{"memory_id": MEMORY, "text": "x"}]}),
        "batch_delete_unknown": api_event("DELETE", "/v1/batch/", {"memories": [{"memory_id": MEMORY}]}),
        "event_unknown": api_event("GET", f"/v1/event/{EVENT}/"),
        "events": api_event("GET", "/v1/events/", query="event_type=ADD&page_size=5"),
        "entities": api_event("GET", "/v1/entities/"),
        "entity_encoded_unknown": api_event("GET", "/v2/entities/user/a%2Fb%20c%23%3F%C3%A9%25/"),
        "entity_bad_type": api_event("GET", "/v2/entities/robot/r2/"),
        "delete_entity_unknown": api_event("DELETE", "/v2/entities/run/nowhere/"),
        "head": api_event("HEAD", "/v1/ping/"),
        "no_such_route": api_event("GET", "/v9/nowhere/"),
    }


def authorize_events() -> dict[str, dict[str, Any]]:
    """Return one payload for each way a token can be right or wrong."""
    arn = "arn:aws:execute-api:eu-central-1:123456789012:abc123/v1/POST/v3/memories/add/"
    tokens = {
        "known": f"Token m0-0123456789abcdef-{'a' * 64}",
        "lower_case_scheme": f"token  m0-0123456789abcdef-{'a' * 64} ",
        "wrong_secret": f"Token m0-0123456789abcdef-{'b' * 64}",
        "unknown_key": f"Token m0-fedcba9876543210-{'a' * 64}",
        "malformed": "Token abc",
        "bearer": f"Bearer m0-0123456789abcdef-{'a' * 64}",
    }
    return {name: {"type": "TOKEN", "methodArn": arn, "authorizationToken": token} for name, token in tokens.items()}


def write() -> None:
    """Write every payload to its file."""
    for function, payloads in (("api", api_events()), ("authorize", authorize_events())):
        folder = FOLDER / function
        folder.mkdir(parents=True, exist_ok=True)
        for name, payload in payloads.items():
            text = json.dumps(payload, indent=2, ensure_ascii=False) + "\n"
            (folder / f"{name}.json").write_text(text, "utf-8")


def read(function: str) -> dict[str, dict[str, Any]]:
    """Return the payloads of a function by name."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((FOLDER / function).glob("*.json"))}


if __name__ == "__main__":
    write()
