"""HTTP at its edges, byte by byte: what clients may send, and what is no HTTP."""

import json
import socket

import pytest
from support.server import RunningServer


def raw(server: RunningServer, head: str, body: bytes = b"") -> bytes:
    """Send bytes and return the first of the answer."""
    lines = head.format(key=server.api_key).replace("\n", "\r\n").encode("latin-1")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(lines + b"\r\n\r\n" + body)
        answer = b""
        while b"\r\n\r\n" not in answer or answer.startswith(b"HTTP/1.1 100"):
            received = connection.recv(65536)
            answer = answer.partition(b"\r\n\r\n")[2] if answer.startswith(b"HTTP/1.1 100") else answer
            answer += received
            if not received:
                break
        return answer


BODY = json.dumps({"messages": "hello", "user_id": "eve", "infer": False}).encode()
CHUNKS = b"5\r\n" + BODY[:5] + b"\r\n%x\r\n" % len(BODY[5:]) + BODY[5:] + b"\r\n0\r\n\r\n"
POST = "POST /v3/memories/add/ HTTP/1.1\nHost: x\nAuthorization: Token {key}\nContent-Type: application/json\n"
GET = "GET /v1/ping/ HTTP/1.1\nHost: x\nAuthorization: Token {key}\n"


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (POST + "Transfer-Encoding: chunked", CHUNKS, b"200"),
        (POST + "Transfer-Encoding: chunked", b"zz\r\n", b"400"),
        (POST + f"Expect: 100-continue\nContent-Length: {len(BODY)}", BODY, b"200"),
        (POST + "Content-Length: 3\nContent-Length: 5", BODY, b"400"),
        (POST + "Content-Length: -1", BODY, b"400"),
        (POST + f"Content-Type: text/plain\nContent-Length: {len(BODY)}", BODY, b"400"),
        (GET + "Authorization: Token nobody", b"", b"401"),
        (GET + "X-Odd: \xff\xfe", b"", b"200"),
        (GET + "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Key: AAAA", b"", b"200"),
        (GET + "Content-Length: 4", b"\xff\xff\xff\xff", b"200"),
        ("GET /v1/ping/ HTTP/1.1\nAuthorization: Token {key}", b"", b"400"),
        ("GET /v1/memories/\xff/ HTTP/1.1\nHost: x\nAuthorization: Token {key}", b"", b"400"),
        ("\0\1\2", b"", b"400"),
    ],
    ids=[
        "chunked",
        "bad chunk",
        "expect",
        "two lengths",
        "negative length",
        "two types",
        "two keys",
        "odd header",
        "websocket",
        "get with body",
        "no host",
        "raw bytes in the path",
        "no http",
    ],
)
def test_http_at_its_edges(server: RunningServer, head: str, body: bytes, status: bytes) -> None:
    """Chunks, expectations and repeated headers are HTTP; what is not HTTP is a 400."""
    assert raw(server, head, body).split(b" ")[1] == status
