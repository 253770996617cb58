"""The installation's secret for hashing API keys."""

import os
import secrets
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ricordo.runtime.settings import Settings

if TYPE_CHECKING:
    from ricordo.runtime.rotated_secret import RotatedSecret

FILE_NAME = "key-secret"


def peppers_of(settings: Settings) -> Sequence[bytes]:
    """Return the secrets in force, the one for new keys first; the file is made at the first call.

    Raises:
        UnavailableError: Secrets Manager keeps them and cannot be asked.
    """
    if settings.key_secret_arn and not settings.key_secret:
        return _in_secrets_manager(settings.key_secret_arn).values()
    current = settings.key_secret.encode() or _from_file(settings.data_dir / FILE_NAME)
    previous = settings.key_secret_previous.encode()
    return [current, previous] if previous else [current]


@cache
def _in_secrets_manager(arn: str) -> "RotatedSecret":
    from ricordo.runtime.aws_clients import client  # noqa: PLC0415  only this profile has boto3
    from ricordo.runtime.rotated_secret import RotatedSecret  # noqa: PLC0415  the same

    return RotatedSecret(client("secretsmanager"), arn)


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
