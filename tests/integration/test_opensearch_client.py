"""The client of OpenSearch in front of servers that sleep, break off, and read what was signed."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from support.index_queries import query

from ricordo.adapters.opensearch.client import open_client
from ricordo.adapters.opensearch.search_index import OpenSearchSearchIndex
from ricordo.adapters.opensearch.target import DOMAIN, SERVERLESS, Target
from ricordo.domain.errors import UnavailableError

EMPTY_HITS = '{"timed_out":false,"_shards":{"failed":0},"hits":{"hits":[]}}'
ANSWER = f'{{"responses":[{EMPTY_HITS}]}}'


@contextmanager
def server(answer: Callable[[int, socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """Serve connections one after another; yield the address and what was asked. `answer` gets the request's number."""
    asked: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                asked.append(_whole_request(connection))
                if asked[-1]:
                    answer(len(asked), connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _whole_request(connection: socket.socket) -> bytes:
    request = b""
    while part := connection.recv(65_536):
        request += part
        head, end, content = request.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        if end and len(content) >= (int(length[1]) if length else 0):
            break
    return request


def reply(connection: socket.socket, body: str, status: str = "200 OK") -> None:
    """Answer a request."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    )
    connection.sendall(f"{head}\r\n{body}".encode())


def nominate(url: str, target: Target = DOMAIN, **options: object) -> list[str]:
    """Search with a client of its own."""
    client = open_client(url)
    try:
        index = OpenSearchSearchIndex(client, target, "model", **options)  # type: ignore[arg-type]  # as given
        return list(index.nominate(query(terms=("tea",))))
    finally:
        client.close()


def test_a_sleeping_index_is_given_up_in_time() -> None:
    """Who takes a request and does not answer is asked once, and no longer than allowed."""
    awake = threading.Event()
    with server(lambda _number, _connection: awake.wait(30) and None) as (url, asked):
        started = time.monotonic()
        with pytest.raises(UnavailableError, match="in time"):
            nominate(url, timeout_s=0.3)
        took_s = time.monotonic() - started
        awake.set()
    assert len(asked) == 1
    assert took_s < 1


def test_a_broken_connection_is_tried_once_more() -> None:
    """A server that closed the connection meanwhile is asked again over a new one."""
    with server(lambda number, connection: reply(connection, ANSWER) if number > 1 else None) as (url, asked):
        assert nominate(url) == []
    assert len(asked) == 2


def test_a_server_that_always_breaks_off_is_an_outage() -> None:
    """The second time is the last."""
    with server(lambda _number, _connection: None) as (url, asked), pytest.raises(UnavailableError):
        nominate(url)
    assert len(asked) == 2


@pytest.mark.parametrize(
    "body",
    [
        '{"responses":[{"error":{"type":"index_not_found_exception"},"status":404}]}',
        '{"responses":[{"timed_out":true,"_shards":{"failed":0},"hits":{"hits":[]}}]}',
        '{"responses":[{"timed_out":false,"_shards":{"failed":1},"hits":{"hits":[]}}]}',
        "<html>",
    ],
)
def test_a_part_of_an_answer_is_no_answer(body: str) -> None:
    """An error inside, a shard that failed or a search that ran out of time is an outage, not fewer hits."""
    with server(lambda _number, connection: reply(connection, body)) as (url, _), pytest.raises(UnavailableError):
        nominate(url)


@pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "404 Not Found", "429 Too Many", "503 Down"])
def test_a_refused_search_is_an_outage(status: str) -> None:
    """Whatever is wrong with the index, a search goes on without it."""
    body = '{"error":{"type":"kind","reason":"tea"},"status":0}'
    answering = server(lambda _number, connection: reply(connection, body, status))
    with answering as (url, asked), pytest.raises(UnavailableError):
        nominate(url)
    assert len(asked) == 1


def test_nobody_there_is_an_outage() -> None:
    """An address without a server fails at once."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(UnavailableError):
        nominate(url)


@pytest.mark.parametrize(("service", "target", "body"), [("es", DOMAIN, ANSWER), ("aoss", SERVERLESS, EMPTY_HITS)])
def test_requests_are_signed(monkeypatch: pytest.MonkeyPatch, service: str, target: Target, body: str) -> None:
    """Each request has a signature of its region and service over its address, its time and its content."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    with server(lambda _number, connection: reply(connection, body)) as (url, asked):
        client = open_client(url, signing=("eu-west-1", service))
        OpenSearchSearchIndex(client, target, "model").nominate(query(terms=("tea",)))
        client.close()

    head, _, content = asked[0].partition(b"\r\n\r\n")
    line, *rest = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (one.split(": ", 1) for one in rest)}
    signed = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    assert f"/eu-west-1/{service}/aws4_request" in headers["authorization"]
    assert {"host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"} <= set(signed)
    assert headers["authorization"].endswith(_signature(url, line, headers, signed, content, service))


def _signature(url: str, line: str, headers: dict[str, str], signed: list[str], content: bytes, service: str) -> str:
    """Sign what arrived, as the service does to compare."""
    method, path, _ = line.split(" ")
    request = AWSRequest(method, url + path, {name: headers[name] for name in signed}, content)
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(Credentials("AKIDEXAMPLE", "secret", "token"), service, "eu-west-1")
    signature: str = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    return signature


def test_without_credentials_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that cannot sign says so."""
    monkeypatch.setattr("botocore.session.Session.get_credentials", lambda _session: None)
    with pytest.raises(UnavailableError):
        open_client("http://127.0.0.1:1", signing=("eu-west-1", "es"))
