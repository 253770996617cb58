"""How large packages are, unzipped and zipped."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of one folder in megabytes."""

    unzipped_mb: float
    zipped_mb: float


def unzipped_mb(folder: Path) -> float:
    """Return how much the files of a folder hold."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / _MEGABYTE


def sizes_of(folder: Path) -> Sizes:
    """Measure a folder."""
    return Sizes(unzipped_mb(folder), len(zipped(folder)) / _MEGABYTE)


def zipped(folder: Path) -> bytes:
    """Zip a folder, as a deployment does; equal folders give equal bytes."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return into.getvalue()
