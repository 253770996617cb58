"""What is configured, which versions are at work and what of it works."""

import errno
import http.client
import json
import os
import platform
import shutil
import socket
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryFile

from ricordo.adapters.sqlite.database import OLDEST_SQLITE
from ricordo.adapters.sqlite.diagnosis import diagnose, has_full_text_search, probe_write
from ricordo.domain.errors import RicordoError
from ricordo.runtime.first_start import KEY_FILE_NAME
from ricordo.runtime.key_secret import FILE_NAME as SECRET_NAME
from ricordo.runtime.settings import Settings, variable_of

LEAST_FREE_BYTES = 200 * 1024 * 1024
_PACKAGES = ("ricordo", "onnxruntime", "tokenizers", "numpy", "pydantic", "aws-lambda-powertools", "uvicorn")
_HTTP_TIMEOUT_S = 3.0
_FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class SettingInForce:
    """A setting, and whether it comes from its environment variable or is the default; secrets are masked."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried, and what came of it."""

    name: str
    works: bool
    detail: str


def settings_in_force(settings: Settings, environ: Mapping[str, str] = os.environ) -> list[SettingInForce]:
    """List every setting."""
    return [
        SettingInForce(
            variable_of(setting.name),
            _shown(setting.name, str(getattr(settings, setting.name))),
            "environment" if environ.get(variable_of(setting.name)) else "default",
        )
        for setting in fields(Settings)
    ]


def _shown(name: str, value: str) -> str:
    is_secret = any(word in name for word in ("secret", "key", "token", "password"))
    return "(set)" if is_secret and value else value


def versions() -> dict[str, str]:
    """Name the versions at work."""
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def run_checks(settings: Settings) -> Iterator[Check]:
    """Try everything a server needs; nothing is left behind, and a database is neither made nor migrated."""
    attempts: Mapping[str, Callable[[Settings], str]] = {
        "sqlite": _check_sqlite,
        "data folder": _check_folder,
        "disk": _check_disk,
        "database": _check_database,
        "write and read": _check_write,
        "keys": _check_keys,
        "embedder": _check_embedder,
        "port": _check_port,
    }
    for name, attempt in attempts.items():
        try:
            yield Check(name, works=True, detail=attempt(settings))
        except (RicordoError, OSError, ImportError) as error:
            yield Check(name, works=False, detail=str(error))


def _check_sqlite(_settings: Settings) -> str:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise OSError(f"SQLite {sqlite3.sqlite_version} is too old; {'.'.join(map(str, OLDEST_SQLITE))} is needed")
    if not has_full_text_search():
        raise OSError("this SQLite was built without FTS5")
    return f"{sqlite3.sqlite_version} with FTS5"


def _check_folder(settings: Settings) -> str:
    folder = settings.data_dir
    if not folder.exists():
        return f"{folder.resolve()} is not there yet; the first start makes it"
    with TemporaryFile(dir=folder) as probe:
        probe.write(b"ricordo")
        probe.flush()
        os.fsync(probe.fileno())
    return f"{folder.resolve()} can be written"


def _check_disk(settings: Settings) -> str:
    folder = next(one for one in (settings.data_dir, *settings.data_dir.resolve().parents) if one.exists())
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise OSError(f"only {free // 2**20} MiB are free")
    return f"{free / 2**30:.1f} GiB are free"


def _check_database(settings: Settings) -> str:
    path = settings.database_path
    if not path.exists():
        return "none yet; the first start makes it"
    found = diagnose(path)
    if found.verdict != "ok":
        raise OSError(f"damaged: {found.verdict}; restore a backup")
    if found.schema > found.known_schema:
        raise OSError(f"its schema {found.schema} is newer than {found.known_schema}: install a newer Ricordo")
    later = ", brought up to date at the next start" if found.schema < found.known_schema else ""
    return f"sound, schema {found.schema} of {found.known_schema}{later}, {path.stat().st_size / 2**20:.1f} MiB"


def _check_write(settings: Settings) -> str:
    if not settings.database_path.exists():
        return "no database yet"
    if not probe_write(settings.database_path):
        raise OSError("what was written was not read")
    return "what was written was read, and rolled back"


def _check_keys(settings: Settings) -> str:
    secret = settings.data_dir / SECRET_NAME
    if not settings.database_path.exists():
        return "none yet; the first start makes one"
    if not settings.key_secret and not secret.exists():
        raise OSError(f"{secret} is missing, no API key can be checked; restore it from a backup")
    for private in (secret, settings.data_dir / KEY_FILE_NAME):
        if private.exists() and private.stat().st_mode & _FOR_OTHERS:
            raise OSError(f"{private} can be read by others: chmod 600 {private}")
    return "the hashing secret is there and private"


def _check_embedder(settings: Settings) -> str:
    from ricordo.adapters.builtin.embedder import MiniLMEmbedder  # noqa: PLC0415  heavy

    embedder = MiniLMEmbedder(threads=settings.embedder_threads)
    started = time.perf_counter()
    embedder.embed(["ready"])
    loaded = time.perf_counter()
    embedder.embed(["How long does this take?"])
    return (
        f"{embedder.model_id}, {embedder.dimensions} dimensions, loads in {1000 * (loaded - started):.0f} ms,"
        f" embeds in {1000 * (time.perf_counter() - loaded):.1f} ms"
    )


def _check_port(settings: Settings) -> str:
    place = f"{settings.host}:{settings.port}"
    if is_port_free(settings.host, settings.port):
        return f"{place} is free"
    if not _answers(settings):
        raise OSError(f"{place} is taken by another program; set RICORDO_PORT")
    return f"a server answers on {place}"


def is_port_free(host: str, port: int) -> bool:
    """Say whether a server could listen there.

    Raises:
        OSError: this machine has no such address, or the port is not for everyone.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def _answers(settings: Settings) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  read, not bound
    connection = http.client.HTTPConnection(host, settings.port, timeout=_HTTP_TIMEOUT_S)
    try:
        connection.request("GET", "/health")
        answer = json.loads(connection.getresponse().read())
        return bool(answer.get("status") == "ok")
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        return False
    finally:
        connection.close()


def counts(path: Path) -> dict[str, int]:
    """Count what the database holds; nothing where it cannot be read."""
    try:
        return dict(diagnose(path).counts) if path.exists() else {}
    except RicordoError:
        return {}


def full_report(settings: Settings) -> dict[str, object]:
    """Return all of it, in JSON's types."""
    checks = list(run_checks(settings))
    return {
        "works": all(check.works for check in checks),
        "settings": [asdict(setting) for setting in settings_in_force(settings)],
        "versions": versions(),
        "checks": [asdict(check) for check in checks],
        "counts": counts(settings.database_path),
    }
