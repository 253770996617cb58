"""An engine runs on the first Java that fits it."""

import os
from pathlib import Path

import pytest

from engines.java import java_for


def java(folder: Path, version: str) -> Path:
    """Lay out what a runtime says about itself."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "java").touch()
    (folder / "release").write_text(f'IMPLEMENTOR="Somebody"\nJAVA_VERSION="{version}"\nMODULES="java.base"\n', "utf-8")
    return folder


@pytest.mark.parametrize(("engine", "chosen"), [("dynamodb", 25), ("gremlin", 17), ("opensearch", 25)])
def test_the_first_that_fits_is_taken(
    engine: str, chosen: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIVEN a Java that is too old, one that is too new for some and one that is not WHEN chosen THEN each fits."""
    homes = [java(tmp_path / version, version) for version in ("1.8.0_402", "25.0.1", "17.0.15")]
    monkeypatch.setenv("RICORDO_ENGINES_JAVA", os.pathsep.join(map(str, homes)))
    assert java_for(engine).major == chosen


def test_the_environment_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GIVEN no list of its own WHEN an engine looks for Java THEN JAVA_HOME goes before what is installed."""
    home = java(tmp_path / "home", "21.0.8")
    monkeypatch.delenv("RICORDO_ENGINES_JAVA", raising=False)
    monkeypatch.setenv("JAVA_HOME", str(home))
    assert java_for("gremlin").home == home


def test_a_folder_without_java_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GIVEN a list that leads to an empty folder first WHEN an engine looks for Java THEN it takes the second."""
    home = java(tmp_path / "home", "21.0.8")
    monkeypatch.setenv("RICORDO_ENGINES_JAVA", f"{tmp_path / 'nothing'}{os.pathsep}{home}")
    assert java_for("opensearch").home == home
