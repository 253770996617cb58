"""Tell a person what takes the time."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def step(doing: str, result: Path | None = None) -> Iterator[None]:
    """Print one line about the work inside: what, how large its result is, how long it took."""
    began = time.monotonic()
    sys.stderr.write(f"{doing} ... ")
    sys.stderr.flush()
    outcome = "failed"
    try:
        yield
        outcome = "done" if result is None else f"{size_mb(result):.0f} MB"
    finally:
        sys.stderr.write(f"{outcome}, {time.monotonic() - began:.1f} s\n")


def size_mb(path: Path) -> float:
    """Add up what a file or a folder holds, in megabytes."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6
