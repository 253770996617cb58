"""Resolve the engines' jars with Maven and compile their launchers, once."""

import hashlib
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Final

from engines.cache import cache_folder, make_once
from engines.errors import EngineError
from engines.java import VERSIONS, java_for
from engines.steps import step

MAVEN: Final = Path(__file__).parent / "maven"
LAUNCHERS: Final = {
    "dynamodb": "DynamoDBLocalOnLoopback",
    "gremlin": "GremlinServerWithParent",
    "opensearch": "OpenSearchNode",
}


def jars(engine: str) -> list[Path]:
    """Return the class path of an engine, its launcher included, in an order that never changes.

    Raises:
        EngineError: Maven is missing or failed, or a launcher does not compile.
    """
    return sorted((resolved() / engine).glob("*.jar"))


def resolved() -> Path:
    """Return the folder with a folder of jars for each engine, filled on first use."""
    return make_once(cache_folder() / content_key(), resolve)


def content_key() -> str:
    """Name what the jars are made from, so that another pom or launcher gets another folder."""
    digest = hashlib.sha256()
    for file in sorted(file for file in MAVEN.rglob("*") if file.is_file()):
        digest.update(file.relative_to(MAVEN).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return f"jars-{digest.hexdigest()[:12]}"


def resolve(folder: Path) -> None:
    """Fill an empty folder."""
    maven = shutil.which("mvn")
    if maven is None:
        raise EngineError("Maven is missing: install it (apt-get install maven, brew install maven)")
    command = [maven, "-q", "-B", "-f", str(MAVEN / "pom.xml"), "dependency:copy-dependencies"]
    environment = {**os.environ, "JAVA_HOME": str(java_for("gremlin").home)}
    with step("Resolving the engines with Maven", folder):
        run([*command, f"-Dengines.folder={folder}"], environment)
    unpack_plugins(folder / "opensearch")
    with step("Compiling their launchers"):
        for engine in LAUNCHERS:
            compile_launcher(folder, engine)


def unpack_plugins(folder: Path) -> None:
    """Replace plugins' archives by the jars in them, one of each artifact."""
    present = {artifact(jar.name) for jar in folder.glob("*.jar")}
    for archive in sorted(folder.glob("*.zip")):
        with zipfile.ZipFile(archive) as content:
            for name in content.namelist():
                if name.endswith(".jar") and "/" not in name and artifact(name) not in present:
                    present.add(artifact(name))
                    content.extract(name, folder)
        archive.unlink()


def artifact(jar: str) -> str:
    """Take the version off a jar's name."""
    return re.sub(r"-\d.*", "", jar)


def compile_launcher(folder: Path, engine: str) -> None:
    """Compile into one more jar, with a compiler that is a jar itself: a runtime without javac will do."""
    sources = [str(MAVEN / engine / f"{LAUNCHERS[engine]}.java"), str(MAVEN / "EndsWithParent.java")]
    classes = folder / f"{engine}-classes"
    (compiler,) = (folder / "compiler").glob("ecj-*.jar")
    class_path = os.pathsep.join(str(jar) for jar in sorted((folder / engine).glob("*.jar")))
    command = [java_for(engine).executable, "-jar", str(compiler), f"-{VERSIONS[engine][0]}", "-nowarn", "-proc:none"]
    run([*command, "-classpath", class_path, "-d", str(classes), *sources])
    with zipfile.ZipFile(folder / engine / "0-launcher.jar", "w") as launcher:
        for file in [*sorted(classes.glob("*.class")), *(MAVEN / engine).glob("*.properties")]:
            launcher.write(file, file.name)
    shutil.rmtree(classes)


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run a step and keep its words for the case that it fails."""
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise EngineError(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
