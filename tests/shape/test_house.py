"""The house keeps its shape: what a reader may rely on without looking."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers/ricordo/python/ricordo"
MAX_LINES = 300
MAX_PORT_METHODS = 8


def tracked(pattern: str) -> list[Path]:
    """Return the files of the repository that match, without what only lies about."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


PORTS = sorted(path.stem for path in (PACKAGE / "ports").glob("*.py") if path.stem != "__init__")


def test_no_module_is_over_300_lines() -> None:
    """A module holds one idea, in at most 300 lines."""
    sizes = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in tracked("*.py")}
    assert sizes
    assert {name: lines for name, lines in sizes.items() if lines > MAX_LINES} == {}


@pytest.mark.parametrize("port", PORTS)
def test_a_port_has_an_embedded_adapter_and_a_contract_suite(port: str) -> None:
    """One name, many rooms: port, adapter and suite share a file name."""
    assert (ROOT / f"tests/contract/test_{port}.py").exists()
    assert any((PACKAGE / "adapters" / vendor / f"{port}.py").exists() for vendor in ("sqlite", "builtin"))


@pytest.mark.parametrize("port", PORTS)
def test_a_port_has_few_methods(port: str) -> None:
    """A port asks for at most eight things."""
    tree = ast.parse((PACKAGE / "ports" / f"{port}.py").read_text("utf-8"))
    protocols = [
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") == "Protocol" for base in node.bases)
    ]
    assert protocols
    for protocol in protocols:
        methods = [node for node in protocol.body if isinstance(node, ast.FunctionDef)]
        assert 1 <= len(methods) <= MAX_PORT_METHODS


def test_every_setting_is_documented() -> None:
    """The README's table names every environment variable, and no other."""
    from ricordo.runtime.settings import Settings, variable_of  # noqa: PLC0415  read as any caller would

    documented = set(re.findall(r"^\| `(RICORDO_[A-Z_]+)` \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE))
    assert documented == {variable_of(name) for name in Settings.__dataclass_fields__}


def test_every_function_has_a_payload() -> None:
    """Each Lambda function has at least one real event in `events/`."""
    functions = [path.parent.name for path in (ROOT / "functions").glob("*/handler.py")]
    assert functions
    assert [name for name in functions if not list((ROOT / "events" / name).glob("*.json"))] == []


def test_use_cases_take_ports_by_keyword() -> None:
    """A use case's permissions are its keyword-only parameters."""
    for path in (PACKAGE / "usecases").glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                positional = {argument.arg for argument in node.args.args}
                assert positional.isdisjoint(PORTS), f"{path.name}: {node.name}"


@pytest.mark.parametrize("lock", ["runtime.txt", "dev.txt", "layer.txt", "layer-graph.txt"])
def test_locks_pin_with_hashes_and_name_no_host(lock: str) -> None:
    """Every requirement is pinned and hashed, and where it comes from is the installer's matter."""
    text = (ROOT / "requirements" / lock).read_text("utf-8")
    pins = re.findall(r"^[a-z0-9].*", text, re.MULTILINE)
    assert pins
    assert [pin for pin in pins if "==" not in pin or not pin.endswith("\\")] == []
    assert "://" not in text


def test_nothing_is_skipped_or_left_to_do() -> None:
    """No test is skipped and no work is left as a note in the code."""
    marks = re.compile(r"pytest\.skip|mark\.skip|mark\.xfail|\bTODO\b|\bFIXME\b|raise NotImplementedError")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked("*.py")
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []


def _is_broad(caught: ast.expr | None) -> bool:
    named = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(one is None or getattr(one, "id", "") in {"Exception", "BaseException"} for one in named)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Say whether a handler only cleans up before the exception goes on."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_nothing_catches_everything_outside_the_runtime() -> None:
    """A broad except stands only where a process meets the world."""
    allowed = {
        "functions/api/handler.py",
        *(f"layers/ricordo/python/ricordo/local/{name}.py" for name in ("gateway", "stream_pump")),
    }
    found = []
    for path in [*tracked("layers/*.py"), *tracked("functions/*.py")]:
        name = str(path.relative_to(ROOT))
        if "/runtime/" in name or name in allowed:
            continue
        found += [
            f"{name}:{node.lineno}"
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and not _raises_again(node)
        ]
    assert found == []
