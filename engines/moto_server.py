"""Serve moto until standard input closes: python -m engines.moto_server PORT."""

import sys
from threading import Thread

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from engines.lifecycle import LOOPBACK


def end_with_parent(server: BaseWSGIServer) -> None:
    """Wait until whoever started this process is gone, or lets it go."""
    sys.stdin.buffer.read()
    server.shutdown()


if __name__ == "__main__":
    serving = make_server(LOOPBACK, int(sys.argv[1]), DomainDispatcherApplication(create_backend_app), threaded=True)
    print("READY", flush=True)  # noqa: T201  whoever started this waits for it
    Thread(target=end_with_parent, args=[serving], daemon=True).start()
    serving.serve_forever()
