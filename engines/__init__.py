"""The engines behind the cloud's adapters, run on this machine; `python -m engines` runs them for other programs."""

from engines.cloud_account import cloud_account
from engines.dynamodb_local import dynamodb_local
from engines.errors import EngineError
from engines.gremlin_server import gremlin_server
from engines.lifecycle import Engine
from engines.object_storage import object_storage
from engines.opensearch_node import opensearch_node

__all__ = [
    "Engine",
    "EngineError",
    "cloud_account",
    "dynamodb_local",
    "gremlin_server",
    "object_storage",
    "opensearch_node",
]
