"""Lock the dependencies, with hashes and without addresses.

    python scripts/lock_requirements.py

`dev.txt` and `runtime.txt` are for every supported Python; `layer.txt` and `layer-graph.txt` are for Lambda's machine,
and what both layers need stands in the first. All agree: each is resolved within what development needs.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from infra.packaging.recipe import PLATFORM, PYTHON  # noqa: E402  found only now

COMPILE = (
    "uv",
    "pip",
    "compile",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--quiet",
)
EVERYWHERE = ("pyproject.toml", "--extra", "local", "--universal", "--python-version", "3.11")
ON_LAMBDA = ("-", "--python-platform", PLATFORM, "--python-version", PYTHON)
# What speaks to Neptune is a layer of its own: opensearch-py imports aiohttp, at 0.2 s, wherever it is installed.
OF_GRAPH = ("aiohttp", "gremlinpython")
# opensearch-py requires these, 20 MB of them, and imports them nowhere.
NEVER_IMPORTED = ("grpcio", "opensearch-protobufs", "protobuf")


def main() -> None:
    """Write the locks, the widest first."""
    locks = ROOT / "requirements"
    write_lock(locks / "dev.txt", *EVERYWHERE, "--extra", "aws", "--group", "dev")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as pins:
        pins.write(without_hashes((locks / "dev.txt").read_text("utf-8")))
        pins.flush()
        within = ("--constraints", pins.name)
        write_lock(locks / "runtime.txt", *EVERYWHERE, *within)
        needed = needed_on_lambda()
        graph = [one for one in needed if name_of(one) in OF_GRAPH]
        others = [one for one in needed if one not in graph]
        write_lock(locks / "layer.txt", *ON_LAMBDA, *within, *without(NEVER_IMPORTED), requirements=others)
        shared = re.findall(r"^[a-z0-9-]+", (locks / "layer.txt").read_text("utf-8"), re.MULTILINE)
        write_lock(locks / "layer-graph.txt", *ON_LAMBDA, *within, *without(shared), requirements=graph)


def write_lock(lock: Path, *options: str, requirements: list[str] | None = None) -> None:
    """Run uv on the project, or on some requirements."""
    given = "\n".join(requirements or ())
    subprocess.run([*COMPILE, *options, "--output-file", str(lock)], input=given, text=True, check=True, cwd=ROOT)


def needed_on_lambda() -> list[str]:
    """Return what the package and the cloud's adapters require."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["aws"]]


def name_of(requirement: str) -> str:
    """Return the package that a requirement is about."""
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]


def without(packages: tuple[str, ...] | list[str]) -> list[str]:
    """Return the options that keep packages out of a lock."""
    return [option for package in packages for option in ("--no-emit-package", package)]


def without_hashes(lock: str) -> str:
    """Keep the pinned names."""
    return re.sub(r" \\\n(    --hash=\S+(?: \\)?\n)+", "\n", lock)


if __name__ == "__main__":
    main()
