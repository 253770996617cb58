"""`ricordo serve`: the local gateway in front of the handler processes, and the background worker."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import uvicorn

from ricordo.domain.errors import RicordoError
from ricordo.local.background import Worker, project_in_background
from ricordo.local.environments import WRITER_NICENESS, EnvironmentPool, process_context
from ricordo.local.gateway import TIMEOUT_S, Reply, Request, too_large
from ricordo.local.server_lock import serving
from ricordo.runtime.http import BODY_LIMIT_BYTES
from ricordo.runtime.settings import Settings, read_settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_READING_POSTS = ("/v3/memories/search", "/v3/memories")


class Server:
    """The ASGI application: reads go to one pool of processes, writes to the other."""

    def __init__(self, reading: EnvironmentPool, writing: EnvironmentPool) -> None:
        self._pools = {False: reading, True: writing}
        self._threads = {
            writes: ThreadPoolExecutor(pool.size, "writer" if writes else "reader")
            for writes, pool in self._pools.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = await _read(scope, receive)
        reply = too_large()
        if len(request.body) <= BODY_LIMIT_BYTES:
            writes = _is_write(request)
            loop = asyncio.get_running_loop()
            reply = await loop.run_in_executor(self._threads[writes], self._pools[writes].answer, request)
        await _send(reply, send, with_body=request.method != "HEAD")


def _is_write(request: Request) -> bool:
    is_reading_post = request.method == "POST" and request.raw_path.rstrip("/").endswith(_READING_POSTS)
    return request.method not in {"GET", "HEAD", "OPTIONS"} and not is_reading_post


async def _read(scope: Scope, receive: Receive) -> Request:
    """Read a request; of a body over the limit only so much is kept as shows that it is."""
    body = bytearray()
    while True:
        message = await receive()
        if len(body) <= BODY_LIMIT_BYTES:
            body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            break
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    client, _ = scope.get("client") or ("127.0.0.1", 0)
    forwarded = [("x-forwarded-proto", scope.get("scheme", "http")), ("x-forwarded-for", client)]
    return Request(
        scope["method"],
        scope["raw_path"].decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        (*forwarded, *headers),
        bytes(body),
        client,
    )


async def _send(reply: Reply, send: Send, *, with_body: bool) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body if with_body else b""})


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests at hand.

    Raises:
        RuntimeError: a process cannot start; the message says why.
    """
    listener = _listen(settings)
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    context = process_context()
    with ExitStack() as started:
        for worker in _workers(context, settings):
            started.callback(worker.stop)
        reading = EnvironmentPool(context, settings.processes)
        started.callback(reading.stop)
        writing = EnvironmentPool(context, settings.write_processes, niceness=WRITER_NICENESS)
        started.callback(writing.stop)
        reading.await_ready()
        writing.await_ready()
        host, port = listener.getsockname()[:2]
        print(f"Ricordo listens on http://{host}:{port} (data in {settings.data_dir.resolve()})", flush=True)
        for stop_signal in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop_signal, _already_stopped)
        _http_server(Server(reading, writing)).run(sockets=[listener])


def _workers(context: Any, settings: Settings) -> Iterator[Worker]:
    """Start what goes on beside the requests; an embedded store needs no projecting."""
    yield Worker(context)
    if settings.profile == "aws":
        yield Worker(context, project_in_background, "index_handler")
        if settings.graph_url:
            yield Worker(context, project_in_background, "graph_handler")


def _http_server(application: Any) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            application,
            http="h11",
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=int(TIMEOUT_S) + 1,
        )
    )


def _already_stopped(_signal: int, _frame: object) -> None:
    """Take the signal uvicorn raises once more after it has stopped."""


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named; without it answers wait 40 ms for an ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        sys.exit(f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}. Set RICORDO_PORT.")
    listener.listen(2048)
    return listener


def main() -> None:
    """Start the server as the environment says."""
    try:
        settings = read_settings()
        with serving(settings.data_dir):
            serve(settings)
    except (RicordoError, RuntimeError, OSError) as error:
        sys.exit(f"ricordo: {error}")


if __name__ == "__main__":
    main()
