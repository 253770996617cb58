"""Our own account, for a server over the engines: storage, queues, events, and workflows whose steps are our handlers.

It keeps everything in memory: what was stopped or killed starts empty, and deploys anew.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.lifecycle import LOOPBACK, Engine, http_status, running

ACCOUNT: Final = "account"
ENVIRONMENT: Final = "environment.json"
DEPLOYMENT: Final = "deployment.json"


@contextmanager
def cloud_account(variables: Mapping[str, str], port: int | None = None) -> Iterator[Engine]:
    """Serve the account on one endpoint.

    Args:
        variables: Tell its functions where the other engines are, over what this process's environment says.
        port: Where; a free one unless given.

    Raises:
        EngineError: It does not start.
    """
    with running(CloudAccount(variables), port) as engine:
        yield engine


def variables_of(account: Engine) -> dict[str, str]:
    """Say what a server must be told of the account, in the names that AWS's clients and Ricordo's settings read."""
    deployed: dict[str, str] = json.loads((account.log.parent / DEPLOYMENT).read_text("utf-8"))
    return {"AWS_ENDPOINT_URL_EVENTBRIDGE": account.url, "AWS_ENDPOINT_URL_SFN": account.url, **deployed}


@dataclass(frozen=True, slots=True)
class CloudAccount:
    """How the account starts."""

    variables: Mapping[str, str]
    name: str = ACCOUNT

    def command(self, port: int, folder: Path) -> list[str]:
        """Write down what its functions are told and return what to run."""
        data = os.environ.get("RICORDO_DATA_DIR")
        own = {"RICORDO_PROFILE": "aws", **({"RICORDO_DATA_DIR": str(Path(data).absolute())} if data else {})}
        own |= {f"AWS_ENDPOINT_URL_{name}": self.url(port) for name in ("EVENTBRIDGE", "S3", "SFN", "SQS")}
        (folder / ENVIRONMENT).write_text(json.dumps({**self.variables, **own}), "utf-8")
        return [sys.executable, "-m", "engines.cloud", str(port)]

    def url(self, port: int) -> str:
        """Say where all of its services are."""
        return f"http://{LOOPBACK}:{port}"

    def answers(self, port: int) -> bool:
        """Take any answer: it listens when all is deployed."""
        return http_status(port, "GET", "/moto-api/") is not None
