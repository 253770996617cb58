"""Make the virtual environment from a lock file, with uv (fetched by pip when missing).

python scripts/make_environment.py VENV LOCK
"""

import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_PYTHON = (3, 11)
UV = "uv==0.13.9"


def main(venv: str, lock: str) -> None:
    """Create `venv` if needed and bring it to exactly what `lock` names, with this checkout installed editable."""
    if sys.version_info < OLDEST_PYTHON:
        version = ".".join(map(str, OLDEST_PYTHON))
        sys.exit(f"Ricordo needs Python {version} or newer; this is {sys.version.split()[0]}. Set PYTHON=python3.11.")
    python = Path(venv) / "bin" / "python"
    if not python.exists():
        print(f"Making {venv} with Python {sys.version.split()[0]}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    uv = shutil.which("uv") or fetch_uv(python)
    print(f"Installing {lock}", flush=True)
    install = [uv, "pip", "install", "--quiet", "--python", str(python)]
    subprocess.run([*install, "--require-hashes", "-r", lock], check=True)
    subprocess.run([*install, "--no-deps", "--editable", "."], check=True)


def fetch_uv(python: Path) -> str:
    """Install uv into the environment itself."""
    uv = python.with_name("uv")
    if not uv.exists():
        print(f"Fetching {UV}", flush=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", UV], check=True)
    return str(uv)


if __name__ == "__main__":
    main(*sys.argv[1:])
