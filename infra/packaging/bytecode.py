"""Bytecode for another machine: Lambda cannot write any, and without it every cold start compiles what it imports."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.packaging.errors import PackagingError
from infra.packaging.recipe import PYTHON


def compile_folder(folder: Path, *, python: Path, shown_as: str) -> None:
    """Compile every module of a folder; tracebacks show it as lying in `shown_as`.

    The bytecode is not checked against its source when it is loaded: times of files do not survive the zip, and a check
    by time would then throw it away. Hashes do not vary, so that two builds are equal.

    Raises:
        PackagingError: a module is no Python of this version.
    """
    command = [str(python), "-I", "-m", "compileall", "-q", "-s", str(folder), "-p", shown_as]
    compiled = subprocess.run(
        [*command, "--invalidation-mode", "unchecked-hash", str(folder)],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if compiled.returncode:
        raise PackagingError(f"{python} cannot compile {folder.name}: {compiled.stdout}{compiled.stderr}")


def find_python(version: str = PYTHON) -> Path:
    """Return an interpreter of the version that Lambda runs: bytecode of another one is of no use to it.

    Raises:
        PackagingError: there is none.
    """
    for candidate in _candidates(version):
        if _version_of(candidate) == version:
            return candidate
    raise PackagingError(
        f"Layers are compiled by Python {version}, and there is none here: get one with `uv python install {version}`."
    )


def _candidates(version: str) -> Iterator[Path]:
    yield Path(sys.executable)
    if found := shutil.which(f"python{version}"):
        yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR", Path.home() / ".local/share/uv/python"))
    for kept in (pyenv / "versions", uv):
        yield from sorted(kept.glob(f"*{version}.*/bin/python{version}"), reverse=True)


def _version_of(python: Path) -> str:
    told = [str(python), "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    asked = subprocess.run(told, capture_output=True, text=True, check=False)
    return asked.stdout.strip()
