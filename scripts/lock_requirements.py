"""Lock the dependencies for every supported Python, with hashes and without addresses.

    python scripts/lock_requirements.py

The two locks agree: what serving needs is resolved within what development needs.
"""

import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMPILE = [
    *("uv", "pip", "compile", "pyproject.toml", "--extra", "local", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--quiet"),
]


def main() -> None:
    """Write `requirements/dev.txt`, then `requirements/runtime.txt` within it."""
    development = ROOT / "requirements" / "dev.txt"
    compile_lock("--extra", "aws", "--group", "dev", "--output-file", str(development))
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.write(without_hashes(development.read_text("utf-8")))
        constraints.flush()
        compile_lock("--constraints", constraints.name, "--output-file", str(ROOT / "requirements/runtime.txt"))


def compile_lock(*options: str) -> None:
    """Run uv on the project."""
    subprocess.run([*COMPILE, *options], check=True, cwd=ROOT)


def without_hashes(lock: str) -> str:
    """Keep the pinned names."""
    return re.sub(r" \\\n(    --hash=\S+(?: \\)?\n)+", "\n", lock)


if __name__ == "__main__":
    main()
