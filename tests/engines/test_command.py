"""`python -m engines` gives a command its engines, and takes them away."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from engines.lifecycle import accepts_connections

pytestmark = pytest.mark.engines

RUN = [sys.executable, "-m", "engines", "run", "--", sys.executable, "-c"]
TELL = "import json, os; print(json.dumps(dict(os.environ)), flush=True);"
WHERE = (
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_DYNAMODB_STREAMS",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SQS",
    "RICORDO_OPENSEARCH_URL",
    "RICORDO_GRAPH_URL",
)


def test_a_command_finds_engines_and_its_exit_code_comes_back(tmp_path: Path) -> None:
    """GIVEN a command WHEN it ran THEN it had all engines in its environment, and they are gone."""
    inherited = {"AWS_ACCESS_KEY_ID": "mine", "AWS_PROFILE": "elsewhere", "TMPDIR": str(tmp_path)}
    ran = subprocess.run(
        [*RUN, f"{TELL} raise SystemExit(7)"],
        env={**os.environ, **inherited},
        stdout=subprocess.PIPE,
        check=False,
    )
    assert ran.returncode == 7
    told = json.loads(ran.stdout)
    assert [name for name in WHERE if accepts_connections(port(told[name]))] == []
    assert told["AWS_ACCESS_KEY_ID"] == "mine"
    assert told["AWS_DEFAULT_REGION"]
    assert told["AWS_ACCOUNT_ID_ENDPOINT_MODE"] == "disabled"
    assert "AWS_PROFILE" not in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_command_and_the_engines(number: signal.Signals, tmp_path: Path) -> None:
    """GIVEN a command that runs WHEN the runner is asked to end THEN the command is, and the engines with it."""
    program = f"import time; {TELL} time.sleep(600)"
    with subprocess.Popen(
        [*RUN, program], env={**os.environ, "TMPDIR": str(tmp_path)}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as runner:
        assert runner.stdout is not None
        told = json.loads(runner.stdout.readline())
        assert [name for name in WHERE if not accepts_connections(port(told[name]))] == []
        runner.send_signal(number)
    assert runner.returncode == 128 + number
    assert [name for name in WHERE if accepts_connections(port(told[name]))] == []
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_is_not_there_is_said_to_be() -> None:
    """GIVEN a name that is no program WHEN it is to run THEN the exit code is a shell's, and no traceback follows."""
    ran = subprocess.run([*RUN[:4], "--", "no-such-program"], capture_output=True, text=True, check=False)
    assert ran.returncode == 127
    assert "no-such-program: not found" in ran.stderr
    assert "Traceback" not in ran.stderr


def port(url: str) -> int:
    """Take the port out of an address."""
    found = urlsplit(url).port
    assert found is not None
    return found
