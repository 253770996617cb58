"""OpenSearch Serverless in front of a node: a collection of type VECTORSEARCH, as far as it refuses things.

It serves the operations below and answers 404 to all others, as the service does. Of those served it refuses what the
service refuses, and what no vendor's page says it takes. Each line names its source; pages were read on 2026-11-24.
"""

import http.client
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

GUIDE = "docs.aws.amazon.com/opensearch-service/latest/developerguide"
AWS = f"{GUIDE}/serverless-genref.html"
MIGRATION = "docs.aws.amazon.com/solutions/latest/migration-assistant-for-amazon-opensearch-service"
UNSTATED = "no statement found; taken as refused"
_INDEX = r"/[a-z0-9][^/_]*"

OPERATIONS: Final[Mapping[str, str]] = {
    rf"PUT {_INDEX}": AWS,
    rf"GET {_INDEX}": AWS,
    rf"HEAD {_INDEX}": AWS,
    rf"DELETE {_INDEX}": AWS,
    rf"GET {_INDEX}/_(mapping|settings)": AWS,
    r"GET /_cat/indices": AWS,
    r"POST /_aliases": AWS,
    rf"POST {_INDEX}/_bulk": AWS,
    r"POST /_bulk": AWS,
    rf"POST {_INDEX}/_doc": AWS,
    rf"DELETE {_INDEX}/_doc/[^/]+": AWS,
    rf"GET {_INDEX}/_count": AWS,
    rf"(GET|POST) {_INDEX}/_search": f"{GUIDE}/serverless-vector-search.html",
}


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the collection."""

    method: str
    path: str
    params: Mapping[str, Sequence[str]]
    lines: Sequence[Any]

    @property
    def actions(self) -> list[Mapping[str, Any]]:
        """The actions of a `_bulk`: the kind of each with what it says of its document."""
        if not self.path.endswith("/_bulk"):
            return []
        return [line for line in self.lines if len(line) == 1 and next(iter(line)) in {"index", "create", "delete"}]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is refused, how, and who says so."""

    what: str
    applies: Callable[[Request], bool]
    source: str
    status: int = 400
    kind: str = "illegal_argument_exception"


def _takes(request: Request, *names: str) -> bool:
    return any(name in request.params for name in names) or any(
        name in address for action in request.actions for address in action.values() for name in names
    )


def _names_documents(request: Request) -> bool:
    return any("_id" in action.get("index", action.get("create", {})) for action in request.actions)


def _settings(request: Request) -> set[str]:
    body = request.lines[0] if request.method == "PUT" and request.lines else {}
    return set(body.get("settings", {}).get("index", {}))


def _engines(request: Request) -> set[str]:
    body = request.lines[0] if request.method == "PUT" and request.lines else {}
    fields = body.get("mappings", {}).get("properties", {}).values()
    return {field["method"].get("engine", "") for field in fields if "method" in field}


REFUSALS: Final = [
    Refusal(
        "Document ID is not supported in create/index operation request",
        _names_documents,
        "github.com/opensearch-project/opensearch-py/issues/792 (2024-08-13)",
    ),
    Refusal(
        "refresh policy is not supported",
        lambda request: _takes(request, "refresh"),
        "github.com/opensearch-project/opensearch-ruby/issues/131 (2022-12-27)",
    ),
    Refusal("routing is not supported", lambda request: _takes(request, "routing"), UNSTATED),
    Refusal("versions are not supported", lambda request: _takes(request, "version", "version_type"), UNSTATED),
    Refusal("require_alias is not supported", lambda request: _takes(request, "require_alias"), UNSTATED),
    Refusal(
        "only faiss is supported",
        lambda request: not _engines(request) <= {"faiss"},
        f"{MIGRATION}/mts-collection-types.html",
    ),
    Refusal(
        "the setting is not supported",
        lambda request: not _settings(request) <= {"knn", "knn.algo_param.ef_search", "refresh_interval"},
        "docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-opensearchserverless-index-index.html",
    ),
    Refusal(
        "an index has no aliases when it is created",
        lambda request: request.method == "PUT" and bool(request.lines) and "aliases" in request.lines[0],
        f"{AWS}: aliases are made by POST _aliases",
    ),
    Refusal(
        "the request is larger than 10 MiB",
        lambda request: sum(len(json.dumps(line)) for line in request.lines) > 10 * 1024 * 1024,
        f"{MIGRATION}: what its own writer keeps to",
        413,
        "content_too_long_exception",
    ),
]
Answer: TypeAlias = tuple[int, bytes]


def refusal_of(request: Request) -> Answer | None:
    """Return what the service answers to a request it does not carry out, None to any other."""
    if not any(re.fullmatch(operation, f"{request.method} {request.path}") for operation in OPERATIONS):
        return 404, b""
    for refusal in REFUSALS:
        if refusal.applies(request):
            error = {"type": refusal.kind, "reason": refusal.what}
            return refusal.status, json.dumps({"error": error, "status": refusal.status}).encode()
    return None


class _Handler(BaseHTTPRequestHandler):
    """Refuses a request, or sends it on and brings the answer back."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the second part of an answer waits 40 ms for the first to be acknowledged
    node: str

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        address = urlsplit(self.path)
        lines = [json.loads(line) for line in body.splitlines() if line.strip()]
        request = Request(self.command, address.path, parse_qs(address.query), lines)
        status, answer = refusal_of(request) or self._pass_on(body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    def _pass_on(self, body: bytes) -> Answer:
        upstream = http.client.HTTPConnection(self.node, timeout=60)
        try:
            upstream.request(self.command, self.path, body, {"Content-Type": "application/json"})
            answer = upstream.getresponse()
            return answer.status, answer.read()
        finally:
            upstream.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815  the names the server asks for

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def serverless_guard(node_url: str) -> Iterator[str]:
    """Run the guard in front of a node; yield its address."""
    handler = type("Handler", (_Handler,), {"node": urlsplit(node_url).netloc})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, name="serverless-guard")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
