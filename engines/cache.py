"""The folder that holds what the engines are made of."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent


def cache_folder() -> Path:
    """Return `RICORDO_ENGINES_DIR`, else `.engines` of the checkout; absolute, because engines run in other folders."""
    folder = Path(os.environ.get("RICORDO_ENGINES_DIR") or CHECKOUT / ".engines").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def make_once(made: Path, make: Callable[[Path], None]) -> Path:
    """Return `made`, after letting `make` fill its place if it is not there.

    One of several processes makes it, the others wait. It appears whole or not at all.
    """
    if made.exists():
        return made
    with locked(made.with_name(f".{made.name}.lock")):
        if not made.exists():
            for abandoned in made.parent.glob(f".{made.name}-*"):  # of a process that was killed
                shutil.rmtree(abandoned, ignore_errors=True)
            place = Path(tempfile.mkdtemp(prefix=f".{made.name}-", dir=made.parent))
            try:
                make(place)
                place.rename(made)
            finally:
                shutil.rmtree(place, ignore_errors=True)
    return made


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a lock among processes; it is gone with the process that holds it."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
