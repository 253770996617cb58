"""Whether servers run on a data folder: each holds `server.lock` shared, who needs none there holds it alone.

The locks are those of https://man7.org/linux/man-pages/man2/flock.2.html: they end with the process.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ricordo.domain.errors import UnavailableError

LOCK_NAME = "server.lock"
PATIENCE_S = 3.0
_POLL_S = 0.05


@contextmanager
def serving(data_dir: Path) -> Iterator[None]:
    """Hold the lock as one server of many.

    Raises:
        UnavailableError: somebody needs the folder without servers for longer than a moment.
    """
    with _opened(data_dir) as descriptor:
        if not _lock(descriptor, fcntl.LOCK_SH, patience_s=PATIENCE_S):
            raise UnavailableError(f"A restore into {data_dir} is going on; start again when it is done.")
        yield


@contextmanager
def without_servers(data_dir: Path) -> Iterator[None]:
    """Hold the lock alone.

    Raises:
        UnavailableError: a server runs on the folder.
    """
    with _opened(data_dir) as descriptor:
        if not _lock(descriptor, fcntl.LOCK_EX, patience_s=0):
            raise UnavailableError(f"A server runs on {data_dir}; stop it first.")
        yield


def is_served(data_dir: Path) -> bool:
    """Say whether a server runs on the folder right now."""
    with suppress(UnavailableError), without_servers(data_dir):
        return False
    return True


@contextmanager
def _opened(data_dir: Path) -> Iterator[int]:
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, operation: int, *, patience_s: float) -> bool:
    until = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_POLL_S)
        else:
            return True
