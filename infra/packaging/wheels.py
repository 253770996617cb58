"""A layer of dependencies: the wheels its lock names, without what no function ever reads."""

import shutil
import subprocess
import sys
from pathlib import Path

from infra.packaging.errors import PackagingError
from infra.packaging.recipe import (
    LOCKS,
    PLATFORM,
    PRUNED_FILES,
    PRUNED_FOLDERS,
    PRUNED_SUFFIXES,
    PYTHON,
    ROOT,
    SERVICES,
)


def lock_of(layer: str) -> Path:
    """Return the lock of a layer."""
    return ROOT / "requirements" / LOCKS[layer]


def install(layer: str, site: Path, *, platform: str = PLATFORM) -> None:
    """Install the wheels of a layer for Lambda's machine, whatever this one is, and prune them.

    Raises:
        PackagingError: uv is not here, or it has said why the wheels cannot be installed.
    """
    options = ["--python-platform", platform, "--python-version", PYTHON, "--only-binary", ":all:", "--no-deps"]
    places = ["--target", str(site), "--requirements", str(lock_of(layer))]
    command = [_uv(), "pip", "install", "--quiet", "--link-mode", "copy", "--require-hashes", *options, *places]
    if subprocess.run(command, check=False).returncode:
        raise PackagingError(f"uv could not install the layer {layer!r}.")
    prune(site)


def prune(site: Path) -> None:
    """Remove what is never imported: tests, sources of C, types, records, models of services that nobody calls."""
    for path in sorted(site.rglob("*"), reverse=True):
        if path.is_dir() and path.name in PRUNED_FOLDERS:
            shutil.rmtree(path)
        elif path.suffix in PRUNED_SUFFIXES or path.name in PRUNED_FILES or path.name == ".lock":
            path.unlink()
    for models, kept in ((site / "botocore/data", SERVICES), (site / "boto3/data", frozenset[str]())):
        for path in models.glob("*/"):
            if path.name not in kept:
                shutil.rmtree(path)


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        raise PackagingError("Layers are installed by uv, and it is not here: pip install uv.")
    return found
