"""Start the engines behind the cloud's adapters for another program.

python -m engines prepare: fetch all that is needed, after which no network is.
python -m engines run [--] COMMAND...: run a command that finds the engines in its environment; stop them when it ends.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Final

from engines.artifacts import resolved
from engines.dynamodb_local import dynamodb_local
from engines.errors import EngineError
from engines.gremlin_server import gremlin_server
from engines.lifecycle import Engine
from engines.object_storage import object_storage
from engines.opensearch_node import archived_classes, opensearch_node
from engines.steps import step

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
NOT_FOUND: Final = 127
# What an AWS client must have, whoever is asked; a caller's own stays.
CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "ricordo",
    "AWS_SECRET_ACCESS_KEY": "ricordo",
    "AWS_DEFAULT_REGION": "eu-central-1",
}
# What would lead a client past the engines, or to somebody's account.
MISLEADING: Final = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")


def main() -> int:
    """Do what the command line says and return the exit code."""
    arguments = argparse.ArgumentParser(
        prog="python -m engines", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    tasks = arguments.add_subparsers(dest="task", required=True)
    tasks.add_parser("prepare", help="fetch all that is needed")
    run = tasks.add_parser("run", help="run a command beside the engines")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    chosen = arguments.parse_args()
    command = chosen.command if chosen.task == "run" else []
    command = command[1:] if command[:1] == ["--"] else command
    if chosen.task == "run" and not command:
        run.error("no COMMAND given")
    if command and shutil.which(command[0]) is None:
        sys.stderr.write(f"{command[0]}: not found\n")
        return NOT_FOUND
    for number in SIGNALS:
        signal.signal(number, leave)
    try:
        with all_engines() as engines:  # to prepare as well: whatever is missing shows now
            return run_beside(engines, command) if command else 0
    except EngineError as error:
        sys.exit(str(error))


def leave(number: int, _frame: FrameType | None) -> None:
    """Exit, so that what was started is stopped on the way out."""
    sys.exit(128 + number)


def prepare() -> None:
    """Find or fetch whatever the engines need, one thing after the other."""
    resolved()
    archived_classes()


@contextmanager
def all_engines() -> Iterator[list[Engine]]:
    """Run DynamoDB Local, OpenSearch, Gremlin Server and the object storage, in this order, started side by side.

    Raises:
        EngineError: One of them does not start; the others are stopped.
    """
    prepare()
    starting = [dynamodb_local(), opensearch_node(), gremlin_server(), object_storage()]
    with ExitStack() as started:
        with step("Starting the engines"), ThreadPoolExecutor() as threads:
            engines = list(threads.map(started.enter_context, starting))
        yield engines


def run_beside(engines: list[Engine], command: list[str]) -> int:
    """Run a command to its end and return its exit code, as a shell would."""
    for engine in engines:
        sys.stderr.write(f"{engine.name}: {engine.url} (log: {engine.log})\n")
    child = subprocess.Popen(command, env=environment(*engines))

    def hand_on(number: int, _frame: FrameType | None) -> None:
        if not (number == signal.SIGINT and in_foreground()):  # else the terminal has sent it to both
            child.send_signal(number)

    for number in SIGNALS:
        signal.signal(number, hand_on)
    code = child.wait()
    return code if code >= 0 else 128 - code


def in_foreground() -> bool:
    """Tell whether a terminal sends its signals to this process and the command's."""
    return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()


def environment(dynamodb: Engine, opensearch: Engine, graph: Engine, objects: Engine) -> dict[str, str]:
    """Say where the engines are, in the names that AWS's clients and Ricordo's settings read."""
    inherited = {name: text for name, text in os.environ.items() if name not in MISLEADING}
    return CREDENTIALS | inherited | {
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb.url,
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": dynamodb.url,
        "AWS_ENDPOINT_URL_S3": objects.url,
        "AWS_ENDPOINT_URL_SQS": objects.url,
        "RICORDO_OPENSEARCH_URL": opensearch.url,
        "RICORDO_GRAPH_URL": graph.url,
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
