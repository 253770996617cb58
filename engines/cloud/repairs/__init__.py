"""Repairs of moto's Step Functions, Lambda and EventBridge, so that what runs on them proves what it would on AWS.

They reach into moto, so they go with one version of it; each has a test that fails when what it reaches for has moved.
"""

from functools import cache

import moto

from engines.cloud import events
from engines.cloud.repairs import choices, clients, definitions, error_names, executions, json_paths, maps, queries

MOTO_VERSION = "5.2.5"


@cache
def install() -> None:
    """Repair moto for the rest of the process.

    Raises:
        RuntimeError: it is not the version the repairs were written for.
    """
    if moto.__version__ != MOTO_VERSION:
        raise RuntimeError(f"The repairs are for moto {MOTO_VERSION}, not {moto.__version__}.")
    for repair in (json_paths, queries, choices, error_names, maps, executions, clients, definitions, events):
        repair.install()
