"""The picture of the README: well-formed, and of what there is."""

from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def _drawn() -> set[str]:
    root = ET.parse(ROOT / "docs" / "architecture.svg").getroot()  # noqa: S314  our own file
    return {text.text or "" for text in root.iter(f"{SVG}text")}


def test_the_picture_names_every_folder_of_functions() -> None:
    """Who reads a name in the picture finds a folder, and the other way round."""
    folders = {path.name for path in (ROOT / "functions").iterdir() if any(path.rglob("*.py"))}
    assert folders
    assert folders <= _drawn()


def test_the_readme_shows_it() -> None:
    """The picture is where the reader is."""
    assert "](docs/architecture.svg)" in (ROOT / "README.md").read_text("utf-8")
