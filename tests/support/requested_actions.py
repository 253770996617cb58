"""What IAM is asked when a client calls: actions, and resources by the variable that tells a function of them.

Sources: docs.aws.amazon.com/service-authorization/latest/reference, a page a service, and for transactions
docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Request = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Asked:
    """One action, asked of one resource.

    Attributes:
        variable: The environment variable that names the resource, or where it answers.
        path: What is asked for within it: an index of a table, an object of a bucket, a path of the search engine.
        leading_key: Partition key of the row, where there is one row.
    """

    action: str
    variable: str
    path: str = ""
    leading_key: str = ""


TABLE: Final = "RICORDO_TABLE"
BUCKET: Final = "RICORDO_BUCKET"
QUEUE: Final = "RICORDO_DEAD_LETTER_QUEUE"
BUS: Final = "RICORDO_EVENT_BUS"
KEY_SECRET: Final = "RICORDO_KEY_SECRET_ARN"
SEARCH: Final = "RICORDO_OPENSEARCH_URL"
GRAPH: Final = "RICORDO_GRAPH_URL"
_ITEM_ACTIONS: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_OBJECT_ACTIONS: Final = {
    "GetObject": "GetObject",
    "HeadObject": "GetObject",
    "PutObject": "PutObject",
    "DeleteObject": "DeleteObject",
}
_SINGLE: Final[Mapping[str, tuple[str, str]]] = {
    "SendMessage": ("sqs:SendMessage", "QueueUrl"),
    "StartExecution": ("states:StartExecution", "stateMachineArn"),
    "GetSecretValue": ("secretsmanager:GetSecretValue", "SecretId"),
    "InvokeModel": ("bedrock:InvokeModel", "modelId"),
    "Converse": ("bedrock:InvokeModel", "modelId"),
}
Variables = Mapping[str, str]
"""The environment variable of each value."""


def asked_by(service: str, operation: str, request: Request, variables: Variables) -> Iterator[Asked]:
    """Yield what a call asks IAM for.

    Raises:
        KeyError: nobody has said what this operation needs, or nothing tells a function of the resource.
    """
    reader = _READERS.get(service, _of_one)
    yield from reader(operation, request, variables)


def _of_one(operation: str, request: Request, variables: Variables) -> Iterator[Asked]:
    action, named_by = _SINGLE[operation]
    yield Asked(action, variables[request[named_by]])


def _of_table(operation: str, request: Request, variables: Variables) -> Iterator[Asked]:
    if operation == "TransactWriteItems":
        for item in request["TransactItems"]:
            ((kind, write),) = item.items()
            yield _of_row(_ITEM_ACTIONS[kind], write, variables)
    elif operation in {"BatchGetItem", "BatchWriteItem"}:
        for table in request["RequestItems"]:
            yield Asked(f"dynamodb:{operation}", variables[table])
    elif operation == "Query":
        index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
        yield Asked("dynamodb:Query", variables[request["TableName"]], index)
    else:
        yield _of_row(operation, request, variables)


def _of_row(operation: str, request: Request, variables: Variables) -> Asked:
    key = request["Item"] if operation == "PutItem" else request["Key"]
    return Asked(f"dynamodb:{operation}", variables[request["TableName"]], leading_key=key["pk"]["S"])


def _of_bucket(operation: str, request: Request, variables: Variables) -> Iterator[Asked]:
    yield Asked(f"s3:{_OBJECT_ACTIONS[operation]}", variables[request["Bucket"]], request["Key"])


def _of_bus(operation: str, request: Request, variables: Variables) -> Iterator[Asked]:
    for entry in request["Entries"]:
        yield Asked(f"events:{operation}", variables[entry["EventBusName"]])


_READERS: Final[Mapping[str, Callable[[str, Request, Variables], Iterator[Asked]]]] = {
    "dynamodb": _of_table,
    "s3": _of_bucket,
    "events": _of_bus,
}

# What the adapters of index and graph ask for; a test of theirs would see other requests than these.
_FIND: Final = (
    Asked("es:ESHttpPost", SEARCH, "/ricordo-1/_search"),
    Asked("es:ESHttpPost", SEARCH, "/ricordo-1/_msearch"),
)
_WRITE: Final = (
    *_FIND,  # a collection has no versions of its own, so what stands is looked for first
    Asked("es:ESHttpHead", SEARCH, "/ricordo-1-next"),
    Asked("es:ESHttpPost", SEARCH, "/ricordo-1/_bulk"),
)
_MAKE: Final = (
    Asked("es:ESHttpGet", SEARCH, "/ricordo-1"),
    Asked("es:ESHttpPut", SEARCH, "/ricordo-1-000001"),
    Asked("es:ESHttpPost", SEARCH, "/_aliases"),
)
_READ_GRAPH: Final = (Asked("neptune-db:ReadDataViaQuery", GRAPH),)
_WRITE_GRAPH: Final = (
    *_READ_GRAPH,
    Asked("neptune-db:WriteDataViaQuery", GRAPH),
    Asked("neptune-db:DeleteDataViaQuery", GRAPH),
)
INDEX_METHODS: Final[Mapping[str, tuple[Asked, ...]]] = {
    "nominate": _FIND,
    "neighbours": _FIND,
    "without_vector": _FIND,
    "shown": _FIND,
    "listed": _FIND,
    "upsert": _WRITE,
    "remove": _WRITE,
    "ensure": _MAKE,
}
GRAPH_METHODS: Final[Mapping[str, tuple[Asked, ...]]] = {
    "mentions": _READ_GRAPH,
    "entities": _READ_GRAPH,
    "neighbourhood": _READ_GRAPH,
    "shown": _READ_GRAPH,
    "listed": _READ_GRAPH,
    "upsert": _WRITE_GRAPH,
    "forget": _WRITE_GRAPH,
}
