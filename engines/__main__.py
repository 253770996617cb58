"""Start the engines behind the cloud's adapters for another program.

python -m engines prepare: fetch all that is needed, after which no network is.
python -m engines run [--account] [--] COMMAND...: run a command that finds the engines in its environment; stop them
when it ends. With --account the work on what it accepts is done by workflows, as a deployment does it.
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
from engines.aws_environment import CREDENTIALS, MISLEADING
from engines.cloud_account import ACCOUNT, cloud_account, variables_of
from engines.dynamodb_local import dynamodb_local
from engines.errors import EngineError
from engines.gremlin_server import gremlin_server
from engines.lifecycle import Engine
from engines.object_storage import object_storage
from engines.opensearch_node import archived_classes, opensearch_node
from engines.steps import step

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
NOT_FOUND: Final = 127


def main() -> int:
    """Do what the command line says and return the exit code."""
    arguments = argparse.ArgumentParser(
        prog="python -m engines", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    tasks = arguments.add_subparsers(dest="task", required=True)
    tasks.add_parser("prepare", help="fetch all that is needed")
    run = tasks.add_parser("run", help="run a command beside the engines")
    run.add_argument("--account", action="store_true", help="carry out workflows, too")
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
        # to prepare as well: whatever is missing shows now
        with all_engines(account=chosen.task == "run" and chosen.account) as engines:
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
def all_engines(*, account: bool = False) -> Iterator[list[Engine]]:
    """Run DynamoDB Local, OpenSearch, Gremlin Server and the object storage, in this order, started side by side.

    Args:
        account: Run, in place of the object storage, an account that also carries out workflows on the other engines.

    Raises:
        EngineError: One of them does not start; the others are stopped.
    """
    prepare()
    starting = [dynamodb_local(), opensearch_node(), gremlin_server()]
    with ExitStack() as started:
        with step("Starting the engines"), ThreadPoolExecutor() as threads:
            engines = list(threads.map(started.enter_context, starting if account else [*starting, object_storage()]))
            if account:
                engines.append(started.enter_context(cloud_account(addresses(*engines))))
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
    stored = {"AWS_ENDPOINT_URL_S3": objects.url, "AWS_ENDPOINT_URL_SQS": objects.url}
    workflows = variables_of(objects) if objects.name == ACCOUNT else {}
    return inherited | addresses(dynamodb, opensearch, graph) | stored | workflows


def addresses(dynamodb: Engine, opensearch: Engine, graph: Engine) -> dict[str, str]:
    """Say where the engines are that are no part of the account, and who asks them."""
    return {
        **{name: os.environ.get(name, text) for name, text in CREDENTIALS.items()},
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb.url,
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": dynamodb.url,
        "RICORDO_OPENSEARCH_URL": opensearch.url,
        "RICORDO_GRAPH_URL": graph.url,
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
