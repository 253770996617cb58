"""What is shipped to Lambda: built as a deployment builds it, for a machine that this one is not."""

import ast
import hashlib
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from infra.packaging import bytecode, packages, recipe
from infra.packaging.errors import PackagingError
from infra.packaging.packages import OWN, Package, built
from infra.packaging.sizes import unzipped_mb, zipped
from infra.packaging.wheels import lock_of

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/ricordo/python/ricordo"
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/__init__.py"))


def compiler() -> Path:
    """Return Lambda's Python, or this one where there is none: sizes hardly differ."""
    try:
        return bytecode.find_python()
    except PackagingError:
        return Path(sys.executable)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where packages are built, each once."""
    return tmp_path_factory.mktemp("build")


@cache
def made(name: str, folder: Path) -> Path:
    """Build a package, or return the one that was built before."""
    return built(name, folder=folder, python=compiler()).path


def files_in(folder: Path) -> set[str]:
    """Return the names of all files."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_layers_of_dependencies_keep_their_size(folder: Path) -> None:
    """All that a function gets is at most 110 MB, without numpy at most 60, and far from Lambda's 250."""
    layers = [made(name, folder) / "python" for name in recipe.LOCKS]
    numpy = sum(unzipped_mb(path) for layer in layers for path in layer.glob("numpy*/"))
    whole = sum(map(unzipped_mb, layers))

    assert numpy > 0
    assert whole <= recipe.LIMIT_MB
    assert whole - numpy <= recipe.LIMIT_WITHOUT_NUMPY_MB
    largest = max(unzipped_mb(made(name, folder)) for name in FUNCTIONS)
    assert whole + unzipped_mb(made(OWN, folder)) + largest <= recipe.LAMBDA_LIMIT_MB


def test_layers_hold_what_their_locks_name(folder: Path) -> None:
    """Each wheel is in one layer, compiled for Lambda's processor, and nothing else is."""
    held: list[str] = []
    for layer in recipe.LOCKS:
        site = made(layer, folder) / "python"
        locked = re.findall(r"^([a-z0-9-]+)==", lock_of(layer).read_text("utf-8"), re.MULTILINE)
        installed = [path.name.split("-")[0].lower().replace("_", "-") for path in site.glob("*.dist-info")]
        assert sorted(installed) == sorted(locked)
        libraries = [path.name for path in site.rglob("*.cpython-*.so")]
        assert [name for name in libraries if "313-aarch64-linux" not in name] == []
        held += installed
    assert len(held) == len(set(held))
    assert {"grpcio", "protobuf", "opensearch-protobufs", "uvicorn", "onnxruntime"}.isdisjoint(held)


def test_gremlin_is_in_the_layer_of_the_graph_alone(folder: Path) -> None:
    """opensearch-py would import aiohttp wherever it lies."""
    assert {"gremlin_python", "aiohttp"} <= {path.name for path in (made("graph", folder) / "python").iterdir()}
    assert not (made("dependencies", folder) / "python/aiohttp").exists()


def sources(*, without_local: bool = True) -> Iterator[Path]:
    """Yield the modules that run on Lambda."""
    yield from (ROOT / "functions").rglob("*.py")
    yield from (path for path in PACKAGE.rglob("*.py") if not (without_local and PACKAGE / "local" in path.parents))


def test_the_services_shipped_are_those_the_code_calls(folder: Path) -> None:
    """A layer knows no other service: a client of one could not be made."""
    called = {
        str(node.args[0].value)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "client"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }

    assert called == recipe.SERVICES
    models = made("dependencies", folder) / "python/botocore/data"
    assert {path.name for path in models.iterdir() if path.is_dir()} == recipe.SERVICES


def test_the_package_is_shipped_without_the_local_server(folder: Path) -> None:
    """All other modules are there, and what they read: prompts and word lists."""
    shipped = files_in(made(OWN, folder) / "python")

    assert not any(name.startswith("ricordo/local/") for name in shipped)
    assert {f"ricordo/{path.relative_to(PACKAGE)}" for path in sources() if PACKAGE in path.parents} <= shipped
    assert any(name.endswith((".md", ".txt", ".json")) for name in shipped)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_shipped_alone(name: str, folder: Path) -> None:
    """Its package path is whole, nothing of another function is there, and it imports none."""
    shipped = {path for path in files_in(made(name, folder)) if path.endswith(".py")}

    assert shipped == {
        "functions/__init__.py",
        *(str(path.relative_to(ROOT)) for path in (ROOT / "functions" / name).rglob("*.py")),
    }
    imported = "\n".join((ROOT / path).read_text("utf-8") for path in shipped)
    assert set(re.findall(r"^(?:from|import) functions\.(\w+)", imported, re.MULTILINE)) <= {name}


def test_every_module_is_compiled_and_trusted(folder: Path) -> None:
    """Lambda writes no bytecode, and the zip's times are not the sources'."""
    for name in (*recipe.LOCKS, OWN, "api"):
        compiled = list(made(name, folder).rglob("*.pyc"))
        assert len(compiled) == len(list(made(name, folder).rglob("*.py")))
        flags = {path.read_bytes()[4:8] for path in compiled}
        assert flags == {(1).to_bytes(4, "little")}  # peps.python.org/pep-0552: by hash, unchecked


@pytest.mark.parametrize("name", [OWN, "graph", "api"])
def test_two_builds_are_equal(name: str, folder: Path, tmp_path: Path) -> None:
    """A second build gives the same zip to the byte, and the same digest."""
    again = built(name, folder=tmp_path, python=compiler())

    first = made(name, folder)
    assert again.path.name == first.name
    assert hashlib.sha256(zipped(again.path)).digest() == hashlib.sha256(zipped(first)).digest()


def test_a_digest_follows_its_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of one function changes its package and no other."""
    (tmp_path / "functions/one").mkdir(parents=True)
    (tmp_path / "functions/two").mkdir()
    for path in ("functions", "functions/one", "functions/two"):
        (tmp_path / path / "__init__.py").touch()
    monkeypatch.setattr(packages, "ROOT", tmp_path)
    monkeypatch.setattr(packages, "__file__", str(tmp_path / "packages.py"))

    @cache
    def package(name: str, _edition: int) -> Package:
        return built(name, folder=tmp_path / "build", python=Path(sys.executable))

    before = {name: package(name, 1) for name in ("one", "two")}
    (tmp_path / "functions/one/__init__.py").write_text("A = 1\n")
    after = {name: package(name, 2) for name in ("one", "two")}

    assert before["one"] != after["one"]
    assert before["two"] == after["two"]


def test_who_has_no_python_for_lambda_is_told_how_to_get_one() -> None:
    """Bytecode of another version would never be read."""
    with pytest.raises(PackagingError, match=r"uv python install 2\.9"):
        bytecode.find_python("2.9")


def test_a_module_that_cannot_be_compiled_ends_the_build(tmp_path: Path) -> None:
    """The message says which."""
    (tmp_path / "broken.py").write_text("print 'hello'\n")

    with pytest.raises(PackagingError, match=r"broken\.py"):
        bytecode.compile_folder(tmp_path, python=Path(sys.executable), shown_as="/var/task")
