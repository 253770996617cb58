"""What may run in a handler process in place of the real handlers; imported by name in that process."""

import os
from multiprocessing.connection import Connection


def die_at_the_first_request(connection: Connection, _niceness: int) -> None:
    """Say ready, then end in the middle of a request."""
    connection.send("ready")
    connection.recv()
    os._exit(1)


def never_answer(connection: Connection, _niceness: int) -> None:
    """Say ready, take requests and stay silent until the pipe ends."""
    connection.send("ready")
    try:
        while True:
            connection.recv()
    except EOFError:
        return


def die_while_starting(_connection: Connection, _niceness: int) -> None:
    """End before being ready."""
