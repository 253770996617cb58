"""The packages of a deployment by name, each built when it is asked for and kept under the digest of its sources.

`dependencies` and `graph` are layers of wheels, `package` is the layer of our own package; every other name is that of
a folder in `functions/`.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.packaging import bytecode, recipe, wheels
from infra.packaging.recipe import LOCKS, PLATFORM, ROOT

BUILD: Final = ROOT / "build"
OWN: Final = "package"
_SOURCE: Final = ROOT / "layers/ricordo/python"
_LAYERS_AT: Final = "/opt/python"
_FUNCTIONS_AT: Final = "/var/task"
_WRITTEN_AT: Final = 315_619_200  # 2 January 1980, in every zone a time that zip can tell


@dataclass(frozen=True, slots=True)
class Package:
    """A folder as it is zipped; the digest changes when, and only when, what it is made from does."""

    path: Path
    digest: str


def names() -> list[str]:
    """Return the names of all packages: the layers, then the functions."""
    return [*LOCKS, OWN, *sorted(path.parent.name for path in (ROOT / "functions").glob("*/__init__.py"))]


def built(name: str, *, folder: Path = BUILD, python: Path | None = None) -> Package:
    """Return a package, built now unless `folder` holds it; `python` compiles it, else one of Lambda's version.

    Raises:
        PackagingError: it cannot be built on this machine.
    """
    digest = _digest(name)
    path = folder / f"{name}-{digest[:16]}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=f".{name}-") as draft:
            place = Path(draft) / name
            _fill(name, place, python or bytecode.find_python())
            _settle(place)
            place.rename(path)
    return Package(path, digest)


def _fill(name: str, place: Path, python: Path) -> None:
    if name in LOCKS:
        site = place / "python"
        wheels.install(name, site)
    elif name == OWN:
        site = place / "python"
        shutil.copytree(_SOURCE, site, ignore=_unshipped)
    else:
        site = place
        shutil.copytree(ROOT / "functions" / name, site / "functions" / name, ignore=_unshipped)
        shutil.copy(ROOT / "functions/__init__.py", site / "functions")
    bytecode.compile_folder(site, python=python, shown_as=_FUNCTIONS_AT if site == place else _LAYERS_AT)


def _unshipped(folder: str, entries: list[str]) -> set[str]:
    """Name what stays here: the local server, definitions of workflows, and what tests have compiled."""
    unshipped = {name for name in entries if name == "__pycache__" or name.endswith(".asl.json")}
    return unshipped | ({"local"} if Path(folder) == _SOURCE / "ricordo" else set())


def _settle(place: Path) -> None:
    """Give every file one time and plain rights, so that equal content makes equal zips."""
    for path in (*place.rglob("*"), place):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (_WRITTEN_AT, _WRITTEN_AT))


def _digest(name: str) -> str:
    """Return the digest of what a package is made from: sources or a lock, and how it is made."""
    digest = hashlib.sha256(f"{name} {PLATFORM} {recipe.PYTHON}".encode())
    for path in (*sorted(Path(__file__).parent.glob("*.py")), *_sources(name)):
        digest.update(f"\0{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _sources(name: str) -> Iterable[Path]:
    if name in LOCKS:
        return [wheels.lock_of(name)]
    folder = _SOURCE / "ricordo" if name == OWN else ROOT / "functions" / name
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return [ROOT / "functions/__init__.py", *sorted(path for path in found if (folder / "local") not in path.parents)]
