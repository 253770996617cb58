"""A way to a server that can be closed, or made to lead nowhere for a while."""

import select
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit


class Gate(socketserver.ThreadingTCPServer):
    """Passes bytes on to the server behind it.

    Attributes:
        is_closed: Connections end at once, as those to a server that is gone.
        passes: While it is not set, connections are taken and nothing comes through, as with a server that hangs.
    """

    daemon_threads = True

    def __init__(self, url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passage)
        parts = urlsplit(url)
        self.behind = (parts.hostname, parts.port)
        self.url = urlunsplit(parts._replace(netloc=f"127.0.0.1:{self.server_address[1]}"))
        self.is_closed = False
        self.passes = threading.Event()
        self.passes.set()

    def hold(self, seconds: float | None = None) -> None:
        """Let nothing through, for so long or until `passes` is set."""
        self.passes.clear()
        if seconds is not None:
            threading.Timer(seconds, self.passes.set).start()

    def handle_error(self, *_: object) -> None:
        """Say nothing about clients that went away."""


class _Passage(socketserver.BaseRequestHandler):
    server: Gate

    def handle(self) -> None:
        if self.server.is_closed:
            return
        with suppress(OSError), socket.create_connection(self.server.behind) as behind:
            other = {self.request: behind, behind: self.request}
            while True:
                for one in select.select(list(other), (), ())[0]:
                    passed = one.recv(65536)
                    self.server.passes.wait()
                    if not passed or self.server.is_closed:
                        return
                    other[one].sendall(passed)


@contextmanager
def gate_before(url: str) -> Iterator[Gate]:
    """Open a gate before the server at this address."""
    gate = Gate(url)
    thread = threading.Thread(target=gate.serve_forever, kwargs={"poll_interval": 0.05}, name="gate")
    thread.start()
    try:
        yield gate
    finally:
        gate.passes.set()
        gate.shutdown()
        thread.join()
        gate.server_close()
