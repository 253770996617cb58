"""`ricordo serve`, and what every command has in common."""

import os
import signal
import stat
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from support.command_line import Installation
from support.server import free_port, wait_until

READY_S = 3.0


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    """An empty installation."""
    return Installation(tmp_path / "home")


def serve(home: Installation, *options: str) -> tuple[str, str, float]:
    """Serve until it answers, then SIGTERM it; return what it said and how many seconds it took."""
    port = free_port()
    started = time.monotonic()
    process = home.start("serve", "--port", str(port), "--processes", "1", *options)
    try:
        wait_until(lambda: process.poll() is not None or answers(port), timeout_s=30)
        ready_s = time.monotonic() - started
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=45)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, err
    assert f"Ricordo listens on http://127.0.0.1:{port}" in out or "--host" in options
    return out, err, ready_s


def answers(port: int) -> bool:
    """Say whether a server answers."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
    except OSError:
        return False
    return True


def test_the_first_start_shows_the_key_and_the_second_where_it_is(home: Installation) -> None:
    """GIVEN an empty folder WHEN it is served twice THEN the key is shown once, kept privately, and stays."""
    place = home.data_dir / "api-key"
    first, _, _ = serve(home)
    token = place.read_text().strip()
    assert f"API key: {token}\n" in first
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert "Only programs on this machine can reach it (127.0.0.1)." in first
    second, _, _ = serve(home)
    assert token not in second
    assert f"The API key is in {place}\n" in second
    assert place.read_text().strip() == token


def test_a_later_start_is_quick(home: Installation) -> None:
    """It answers within three seconds; a busy machine has six tries."""
    home.ok("keys", "create")
    (home.data_dir / "api-key").touch(0o600)
    assert any(serve(home)[2] < READY_S for _ in range(6))


def test_listening_beyond_this_machine_is_warned_of(home: Installation) -> None:
    """Any address but a loopback one is pointed out on stderr."""
    out, err, _ = serve(home, "--host", "0.0.0.0")  # noqa: S104  what the warning is about
    assert "Only programs on this machine" not in out
    assert "Warning: 0.0.0.0 can be reached from other machines" in err


def test_a_folder_named_functions_does_not_disturb_the_server(home: Installation, tmp_path: Path) -> None:
    """What lies in the folder it is started from is not imported."""
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "__init__.py").write_text("raise RuntimeError('not ours')")
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        serve(home, "--data-dir", str(home.data_dir))
    finally:
        os.chdir(before)


def test_a_taken_port_ends_in_one_line(home: Installation) -> None:
    """A second program cannot listen on the same port, and says so."""
    listening = "import socket; s = socket.create_server(('127.0.0.1', 0))"
    script = f"{listening}; print(s.getsockname()[1], flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        port = holder.stdout.readline().strip()
        process = home.start("serve", "--port", port)
        _, err = process.communicate(timeout=30)
        holder.communicate("\n")
    assert process.returncode == 1
    assert err.splitlines()[-1].startswith(f"Cannot listen on 127.0.0.1:{port}")


def test_help_is_quick(home: Installation) -> None:
    """`ricordo --help` loads neither numpy nor pydantic nor the runtime's heavy parts."""
    heavy = "{'numpy', 'pydantic', 'rich', 'uvicorn', 'aws_lambda_powertools'}"
    script = f"import sys, ricordo.local.cli; print(*({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
    commands = home.ok("--help").out
    for command in ("serve", "keys", "import", "export", "backup", "restore", "search", "doctor", "demo"):
        assert f"  {command} " in commands


def test_the_data_folder_can_be_given_to_any_command(home: Installation, tmp_path: Path) -> None:
    """--data-dir before the command wins over the environment."""
    home.ok("--data-dir", tmp_path / "elsewhere", "keys", "create")
    assert (tmp_path / "elsewhere" / "ricordo.db").exists()
    assert not home.data_dir.exists()


def test_the_version_can_be_asked_for(home: Installation) -> None:
    """--version prints the installed version."""
    assert home.ok("--version").out.strip().count(".") == 2
