"""Repairs of moto's DynamoDB, so that tests on it prove what they would prove on AWS.

They reach into moto, so they go with one version of it; each has a test that fails when what it reaches for has moved.
"""

from functools import cache

import moto
from support.dynamodb_repairs import (
    atomic_writes,
    limits,
    partitions,
    request_tokens,
    serialised_requests,
    wire_json,
)
from support.dynamodb_repairs.time_to_live import sweep_ttl

__all__ = ["install", "sweep_ttl"]

MOTO_VERSION = "5.2.5"


@cache
def install() -> None:
    """Repair moto for the rest of the process.

    Raises:
        RuntimeError: it is not the version the repairs were written for.
    """
    if moto.__version__ != MOTO_VERSION:
        raise RuntimeError(f"The repairs are for moto {MOTO_VERSION}, not {moto.__version__}.")
    limits.install()  # before atomic_writes, which undoes what it refuses
    partitions.install()
    atomic_writes.install()
    request_tokens.install()
    wire_json.install()
    serialised_requests.install()
