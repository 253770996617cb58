"""Requests made up from the API's own description: whatever is sent, the answer is one that is described."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.server import RunningServer, running_server

DESCRIPTION = Path(__file__).parent.parent.parent / "openapi.json"
CHECKS = "not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance"


@pytest.mark.parametrize("phase", ["examples", "coverage", "fuzzing", "stateful"])
def test_no_request_meets_a_fault(tmp_path: Path, phase: str) -> None:
    """No 5xx, no status or body that is not described, over 100 examples an operation and along the links."""
    with running_server(tmp_path / "data") as server:
        ran = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"),
                "run",
                DESCRIPTION,
                f"--url={server.base_url}",
                f"--header=Authorization: Token {server.api_key}",
                f"--phases={phase}",
                f"--checks={CHECKS}",
                "--max-examples=100",
                "--seed=1",
                "--generation-database=none",
                "--continue-on-failure",
                "--warnings=off",
                "--no-color",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        _keep_quiet(server)
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    generated = re.search(r"(\d+) generated, \1 passed", ran.stdout)
    assert generated, ran.stdout[-2000:]


def _keep_quiet(server: RunningServer) -> None:
    """Check that nothing failed behind an answer either."""
    failed = [line for line in server.log_lines() if line["level"] in {"ERROR", "CRITICAL"}]
    assert failed == []
