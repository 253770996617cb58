"""The installation's secret for hashing API keys."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from ricordo.runtime.settings import Settings

FILE_NAME = "key-secret"


def peppers_of(settings: Settings) -> Sequence[bytes]:
    """Return the secrets in force, the one for new keys first; the file is made at the first call."""
    current = settings.key_secret.encode() or _from_file(settings.data_dir / FILE_NAME)
    previous = settings.key_secret_previous.encode()
    return [current, previous] if previous else [current]


def _from_file(path: Path) -> bytes:
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, secrets.token_hex(32), exclusively=True)
    return path.read_text("utf-8").strip().encode()


def write_private(path: Path, text: str, *, exclusively: bool = False) -> None:
    """Write a file only its owner can read; `exclusively` leaves one that stands as it is."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    if not exclusively:
        draft.replace(path)
        return
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
