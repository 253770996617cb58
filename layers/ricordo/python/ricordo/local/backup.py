"""Backups: a copy of the database beside a copy of the secret its API keys are hashed with."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ricordo.adapters.sqlite.backup import check_database, copy_database, empty_journal
from ricordo.domain.errors import ConflictError, NotFoundError, StoreFormatError, UnavailableError
from ricordo.local.server_lock import without_servers
from ricordo.runtime.key_secret import FILE_NAME as SECRET_NAME
from ricordo.runtime.key_secret import write_private
from ricordo.runtime.settings import Settings

SECRET_SUFFIX = ".key-secret"  # noqa: S105  a file's name
BEFORE_RESTORE = ".before-restore"


@dataclass(frozen=True, slots=True)
class BackupReport:
    """The files a backup consists of; `secret` is None where the secret is set in the environment."""

    database: Path
    secret: Path | None
    size_bytes: int


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """Where the database before it is kept, and whether the backup held a hashing secret."""

    schema: int
    kept: Path | None
    has_secret: bool


def back_up(settings: Settings, destination: Path, *, overwrites: bool) -> BackupReport:
    """Copy the database while it may be in use, and the hashing secret beside it.

    A backup appears under its name when it is complete and checked.

    Raises:
        NotFoundError: there is no database yet.
        ConflictError: the destination exists and is not to be overwritten, or is a folder.
        StoreFormatError: the database is damaged; the destination is left as it was.
    """
    if not settings.database_path.exists():
        raise NotFoundError(f"There is no database in {settings.data_dir}.")
    secret = destination.with_name(destination.name + SECRET_SUFFIX)
    if destination.is_dir() or (not overwrites and (destination.exists() or secret.exists())):
        raise ConflictError(f"{destination} exists; name another file, or overwrite it with --force.")
    draft = destination.with_name(f"{destination.name}.{os.getpid()}.part")
    copy_database(settings.database_path, draft)
    kept_secret = _copy_secret(settings, secret)
    draft.replace(destination)
    _sync_folder(destination.parent)
    return BackupReport(destination, kept_secret, destination.stat().st_size)


def _copy_secret(settings: Settings, destination: Path) -> Path | None:
    source = settings.data_dir / SECRET_NAME
    if settings.key_secret or not source.exists():
        destination.unlink(missing_ok=True)
        return None
    write_private(destination, source.read_text("utf-8").strip())
    return destination


def restore(settings: Settings, source: Path) -> RestoreReport:
    """Put a backup in the place of the database, which is kept beside it.

    Raises:
        NotFoundError: there is no such backup.
        StoreFormatError: it is not a Ricordo database, newer than this program or damaged.
        UnavailableError: a server runs on the folder, or another program has the database open.
    """
    if not source.is_file():
        raise NotFoundError(f"There is no file {source}.")
    schema = check_database(source)
    path = settings.database_path
    with without_servers(settings.data_dir):
        draft = path.with_name(f"{path.name}.restoring")
        draft.unlink(missing_ok=True)
        copy_database(source, draft)
        kept = _set_aside(path) if path.exists() else None
        draft.replace(path)
        has_secret = _restore_secret(source, settings.data_dir / SECRET_NAME)
        _sync_folder(settings.data_dir)
    return RestoreReport(schema, kept, has_secret)


def _set_aside(path: Path) -> Path:
    """Give the database a second name, so that there is one under its own at any time."""
    with suppress(StoreFormatError):  # a damaged one is what a backup is restored for
        if not empty_journal(path):
            raise UnavailableError(f"Another program has {path} open; end it first.")
    kept = _free_name(path)
    kept.hardlink_to(path)
    for suffix in ("-wal", "-shm"):  # left by a damaged one; the new one must not meet them
        journal = Path(f"{path}{suffix}")
        if journal.exists():
            journal.replace(f"{kept}{suffix}")
    return kept


def _restore_secret(source: Path, place: Path) -> bool:
    saved = source.with_name(source.name + SECRET_SUFFIX)
    if not saved.exists():
        return False
    secret = saved.read_text("utf-8").strip()
    if place.exists():
        if place.read_text("utf-8").strip() == secret:
            return True
        place.replace(_free_name(place))
    write_private(place, secret)
    return True


def _free_name(path: Path) -> Path:
    """Return the first name for what was there before that is not taken."""
    name, number = f"{path.name}{BEFORE_RESTORE}", 1
    while path.with_name(name).exists():
        number += 1
        name = f"{path.name}{BEFORE_RESTORE}-{number}"
    return path.with_name(name)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
