"""A real HTTP server on this machine with OpenAI's shapes, whose vectors are hashed words.

Its chat is `support.scripted_model`: what is proven is the conversation with a server, never a model's quality.
"""

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from support import scripted_model

from ricordo.adapters.builtin.hashing_embedder import HashingEmbedder

DIMENSIONS = 64


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer by the script.

    Attributes:
        delay_s: Wait before it, and then between its bytes if it `trickles`.
        cut_at: Send no more than so many bytes and close the connection.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    trickles: bool = False
    cut_at: int | None = None


def chat_reply(content: str | None, *, finish_reason: str = "stop", **message: Any) -> Reply:
    """Build the answer of a chat."""
    return Reply(body=json.dumps(_chat(content, finish_reason, **message)).encode())


def refusal(parameter: str | None = None, *, status: int = 400) -> Reply:
    """Build an error of OpenAI's form."""
    error = {"message": "no", "type": "invalid_request_error", "param": parameter, "code": None}
    return Reply(status, json.dumps({"error": error}).encode())


class OpenAIServer(ThreadingHTTPServer):
    """Answers `/v1/embeddings` and `/v1/chat/completions`.

    Attributes:
        script: What to answer next instead.
        requests: Path, headers and body of all requests, oldest first.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: deque[Reply] = deque()
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []

    @property
    def url(self) -> str:
        """The base URL to give to an adapter."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def handle_error(self, *_: Any) -> None:
        """Say nothing about clients that went away."""

    def answer(self, path: str, body: dict[str, Any]) -> Reply:
        """Answer as such a server does."""
        if path == "/v1/embeddings":
            return Reply(body=json.dumps(_embeddings(body)).encode())
        if path == "/v1/chat/completions":
            facts = scripted_model.answer(body["messages"][1]["content"])
            return Reply(body=json.dumps(_chat(json.dumps(facts), "stop")).encode())
        return Reply(404)


@contextmanager
def openai_server() -> Iterator[OpenAIServer]:
    """Serve until the block ends."""
    server = OpenAIServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _embeddings(body: dict[str, Any]) -> dict[str, Any]:
    vectors = 3 * HashingEmbedder(dimensions=body.get("dimensions", DIMENSIONS)).embed(body["input"])
    rows = [
        {"object": "embedding", "index": index, "embedding": vector.tolist()} for index, vector in enumerate(vectors)
    ]
    tokens = sum(len(text.split()) for text in body["input"])
    # Rows need not come in order, their index tells it.
    return {"object": "list", "data": rows[::-1], "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}


def _chat(content: str | None, finish_reason: str, **message: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": content, **message}
    return {
        "object": "chat.completion",
        "choices": [{"index": 0, "message": said, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
    }


class _Handler(BaseHTTPRequestHandler):
    server: OpenAIServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, dict(self.headers), body))
        script = self.server.script
        self._send(script.popleft() if script else self.server.answer(self.path, body))

    def log_message(self, *_: Any) -> None:
        """Write no log."""

    def _send(self, reply: Reply) -> None:
        time.sleep(reply.delay_s)
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.trickles:
            for byte in reply.body:
                self.wfile.write(bytes([byte]))
                time.sleep(reply.delay_s)
        else:
            self.wfile.write(reply.body[: reply.cut_at])
        if reply.cut_at is not None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
