"""What each function may do: the whole of it, an action at a time. Whoever is not listed here may do nothing.

`app.py` and the stacks say which resources a target stands for in a stage. What is listed is what the adapters ask AWS
for: a transaction needs the permission of each write in it. `tests/infra/test_permissions.py` compares this with what
the functions are seen to ask for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Target(StrEnum):
    """What a permission is for."""

    TABLE = "table"
    INDEXES = "indexes of the table"
    KEYS = "rows of API keys"
    STREAM = "stream of the table"
    BODIES = "large texts in the bucket"
    IMPORTS = "dropped files in the bucket"
    REFUSALS = "refused lines of imports in the bucket"
    RESULTS = "results of imports in the bucket"
    BUCKET = "names in the bucket"
    DEAD_LETTERS = "queue of what functions set aside"
    MISSED_RECORDS = "queue of records the consumers gave up"
    UNDELIVERED = "queue of events nobody took"
    INGEST = "ingest workflow"
    FORGET = "forget workflow"
    BUS = "event bus"
    PEPPER = "what API keys are hashed with"
    EMBEDDING_MODEL = "embedding model"
    EXTRACTION_MODEL = "extraction model"
    SEARCHES = "searches of the index"
    INDEX_WRITES = "writes to the index"
    INDEX_ADMINISTRATION = "making and dropping indexes"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True)
class Grant:
    """Actions that are allowed on a target."""

    target: Target
    actions: tuple[str, ...]


def _grant(target: Target, *actions: str) -> Grant:
    return Grant(target, actions)


def _rows(*operations: str) -> Grant:
    return _grant(Target.TABLE, *(f"dynamodb:{operation}" for operation in operations))


_LIST_ROWS: Final = _grant(Target.INDEXES, "dynamodb:Query")
# Who may not list is told that a missing object is forbidden, and would ask for it again and again.
_SEE_WHAT_IS_MISSING: Final = _grant(Target.BUCKET, "s3:ListBucket")
_READ_BODIES: Final = (_grant(Target.BODIES, "s3:GetObject"), _SEE_WHAT_IS_MISSING)
_READ_IMPORTS: Final = _grant(Target.IMPORTS, "s3:GetObject")
_KEEP_BODIES: Final = _grant(Target.BODIES, "s3:PutObject", "s3:DeleteObject")
_DROP_BODIES: Final = _grant(Target.BODIES, "s3:DeleteObject")
_EMBED: Final = _grant(Target.EMBEDDING_MODEL, "bedrock:InvokeModel")
_EXTRACT: Final = _grant(Target.EXTRACTION_MODEL, "bedrock:InvokeModel")
_START_INGEST: Final = _grant(Target.INGEST, "states:StartExecution")
_START_FORGET: Final = _grant(Target.FORGET, "states:StartExecution")
_ANNOUNCE: Final = _grant(Target.BUS, "events:PutEvents")
_READ_KEY_SECRET: Final = _grant(Target.PEPPER, "secretsmanager:GetSecretValue")
_SET_ASIDE: Final = _grant(Target.DEAD_LETTERS, "sqs:SendMessage")
_MISS: Final = _grant(Target.MISSED_RECORDS, "sqs:SendMessage")
_SEARCH: Final = _grant(Target.SEARCHES, "es:ESHttpPost")
_WRITE_INDEX: Final = _grant(Target.INDEX_WRITES, "es:ESHttpPost", "es:ESHttpHead")
_ADMINISTER_INDEX: Final = _grant(Target.INDEX_ADMINISTRATION, "es:ESHttpGet", "es:ESHttpPut", "es:ESHttpPost")
_READ_GRAPH: Final = _grant(Target.GRAPH, "neptune-db:ReadDataViaQuery")
_WRITE_GRAPH: Final = _grant(
    Target.GRAPH, "neptune-db:ReadDataViaQuery", "neptune-db:WriteDataViaQuery", "neptune-db:DeleteDataViaQuery"
)
_READ_STREAM: Final = _grant(
    Target.STREAM,
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)

GRANTS: Final[Mapping[str, tuple[Grant, ...]]] = {
    "api": (
        _rows("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"),
        _LIST_ROWS,
        *_READ_BODIES,
        _KEEP_BODIES,
        _EMBED,
        _START_INGEST,
        _START_FORGET,
        _READ_KEY_SECRET,
        _SEARCH,
        _READ_GRAPH,
    ),
    "authorize": (_grant(Target.KEYS, "dynamodb:GetItem"), _READ_KEY_SECRET),
    "project_changes.index": (
        _rows("GetItem", "BatchGetItem", "Query", "UpdateItem", "DeleteItem", "ConditionCheckItem", "BatchWriteItem"),
        _LIST_ROWS,
        _DROP_BODIES,
        _READ_STREAM,
        _SET_ASIDE,
        _MISS,
        _ANNOUNCE,
        _WRITE_INDEX,
    ),
    "project_changes.graph": (_rows("BatchGetItem"), _READ_STREAM, _SET_ASIDE, _MISS, _WRITE_GRAPH),
    "ingest.begin": (_rows("GetItem", "UpdateItem"), *_READ_BODIES, _KEEP_BODIES, _ANNOUNCE),
    "ingest.extract": (
        _rows("GetItem", "BatchGetItem", "PutItem", "UpdateItem", "ConditionCheckItem"),
        *_READ_BODIES,
        _KEEP_BODIES,
        _EXTRACT,
    ),
    "ingest.embed": (_rows("GetItem", "BatchGetItem", "UpdateItem"), *_READ_BODIES, _EMBED),
    "ingest.reconcile": (_rows("GetItem", "BatchGetItem", "UpdateItem"), *_READ_BODIES),
    "ingest.commit": (
        _rows("GetItem", "BatchGetItem", "PutItem", "UpdateItem", "ConditionCheckItem"),
        *_READ_BODIES,
    ),
    "ingest.finish": (
        _rows("GetItem", "BatchGetItem", "UpdateItem", "DeleteItem"),
        *_READ_BODIES,
        _KEEP_BODIES,
        _START_INGEST,
    ),
    "ingest.fail": (_rows("BatchGetItem", "UpdateItem"), *_READ_BODIES, _KEEP_BODIES, _ANNOUNCE),
    "forget.begin": (_rows("GetItem", "UpdateItem"), _ANNOUNCE),
    "forget.remove": (
        _rows("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"),
        _LIST_ROWS,
    ),
    "forget.finish": (_rows("BatchGetItem", "UpdateItem", "DeleteItem"), _START_FORGET),
    "forget.fail": (_rows("BatchGetItem", "UpdateItem"), _ANNOUNCE),
    "consolidate.begin": (_rows("Query", "UpdateItem"),),
    "consolidate.projects": (_rows("BatchGetItem", "Query"), _LIST_ROWS),
    "consolidate.scopes": (_rows("GetItem", "BatchGetItem"), _LIST_ROWS),
    "consolidate.consolidate": (
        _rows("GetItem", "BatchGetItem", "Query", "UpdateItem"),
        _EMBED,
        _WRITE_INDEX,
    ),
    "consolidate.sweep": (
        _rows("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"),
        _LIST_ROWS,
        _DROP_BODIES,
    ),
    "consolidate.mend": (
        _rows("GetItem", "BatchGetItem", "Query", "BatchWriteItem"),
        _WRITE_INDEX,
        _WRITE_GRAPH,
    ),
    "consolidate.record": (_rows("GetItem", "PutItem", "UpdateItem"),),
    "consolidate.finish": (_rows("Query", "UpdateItem"),),
    "consolidate.fail": (_rows("UpdateItem"),),
    "sweep": (_rows("BatchGetItem"), _LIST_ROWS, _START_INGEST, _START_FORGET),
    "sweep.vectors": (_rows("GetItem", "BatchGetItem", "UpdateItem"), _LIST_ROWS, _EMBED, _WRITE_INDEX),
    "receive": (
        _rows("GetItem", "BatchGetItem", "PutItem", "UpdateItem"),
        *_READ_BODIES,
        _KEEP_BODIES,
        _START_INGEST,
        _ANNOUNCE,
        _SET_ASIDE,
        _grant(Target.UNDELIVERED, "sqs:SendMessage"),
    ),
    "provision": (
        _rows("GetItem", "BatchGetItem", "PutItem"),
        _LIST_ROWS,
        _READ_KEY_SECRET,
        _ADMINISTER_INDEX,
    ),
    "bulk_import.cut": (_rows("GetItem"), _READ_IMPORTS, _SEE_WHAT_IS_MISSING),
    "bulk_import.take": (
        _rows("GetItem", "BatchGetItem", "PutItem", "UpdateItem", "BatchWriteItem"),
        *_READ_BODIES,
        _KEEP_BODIES,
        _EMBED,
        _START_INGEST,
        _READ_IMPORTS,
        _grant(Target.REFUSALS, "s3:PutObject"),
    ),
    "bulk_import.report": (
        _grant(Target.REFUSALS, "s3:GetObject"),
        _SEE_WHAT_IS_MISSING,
        _grant(Target.RESULTS, "s3:PutObject"),
    ),
}


SEARCH_TARGETS: Final = frozenset({Target.SEARCHES, Target.INDEX_WRITES, Target.INDEX_ADMINISTRATION})


def needs_network(function: str) -> bool:
    """Say whether a function speaks to what lies in the network of a stage that has one."""
    return any(grant.target in {*SEARCH_TARGETS, Target.GRAPH} for grant in GRANTS[function])


def needs_graph(function: str) -> bool:
    """Say whether a function speaks to the graph."""
    return any(grant.target is Target.GRAPH for grant in GRANTS[function])


def targets_within_network() -> frozenset[Target]:
    """Return what the functions in the network call."""
    return frozenset(grant.target for name in GRANTS if needs_network(name) for grant in GRANTS[name])
