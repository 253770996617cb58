"""A function's cold start in a process of its own, with what its layers hold and nothing besides."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OF_GRAPH_LAYER = ("aiohttp", "gremlin_python")
_REFUSING = """
import sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused!r}:
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Refusing())
"""
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "RICORDO_PROFILE": "aws",
    "RICORDO_OPENSEARCH_URL": "https://search.example",
    "RICORDO_DEAD_LETTER_QUEUE": "https://queue.example",
    "RICORDO_EVENT_BUS": "bus",
    "RICORDO_INGEST_MACHINE": "arn:aws:states:eu-west-1:111111111111:stateMachine:ingest",
    "RICORDO_FORGET_MACHINE": "arn:aws:states:eu-west-1:111111111111:stateMachine:forget",
    "RICORDO_EMBEDDER": "bedrock",
}


def started(code: str, *, refused: tuple[str, ...] = OF_GRAPH_LAYER, **environment: str) -> tuple[str, float]:
    """Run code where some packages are not installed; return what it printed and the CPU seconds it took."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-c", _REFUSING.format(refused=set(refused)) + code],
        cwd=ROOT,
        env=inherited | ENVIRONMENT | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return printed, usage.ru_utime
