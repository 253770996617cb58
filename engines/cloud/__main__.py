"""Serve our account until standard input closes: python -m engines.cloud PORT.

Its folder holds what functions find in their environment; there it writes what was deployed.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from engines.aws_environment import MISLEADING
from engines.cloud import Functions, deploy, deployed, executing, our_handlers
from engines.cloud_account import DEPLOYMENT, ENVIRONMENT
from engines.lifecycle import LOOPBACK


@contextmanager
def served(port: int) -> Iterator[str]:
    """Serve moto; yield its address, which is also where its own tasks look for functions."""
    os.environ["MOTO_PORT"] = str(port)
    server = make_server(LOOPBACK, port, DomainDispatcherApplication(create_backend_app), threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{LOOPBACK}:{port}"
    server.shutdown()


def create_bucket(s3: Any) -> str:
    """Make the bucket that the functions are told of; return its name."""
    name, region = os.environ.get("RICORDO_BUCKET") or "ricordo", s3.meta.region_name
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=name, **where)
    return name


def serve(port: int) -> None:
    """Deploy, say so, and serve until whoever started this process is gone, or lets it go."""
    for name in MISLEADING:
        os.environ.pop(name, None)
    os.environ.update(json.loads(Path(ENVIRONMENT).read_text("utf-8")))
    handlers = our_handlers()
    with served(port) as url, executing(Functions(deployed(handlers))):
        clients = cache(partial(boto3.client, endpoint_url=url))
        deployment = deploy(clients, handlers, bucket=create_bucket(clients("s3")))
        Path(DEPLOYMENT).write_text(json.dumps(deployment.environment), "utf-8")
        print("READY", flush=True)  # noqa: T201  whoever started this waits for it
        sys.stdin.buffer.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
