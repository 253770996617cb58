"""Requests just over and just within DynamoDB's limits, for the small table."""

from typing import Any

from support.small_table import INDEX, TABLE, TOKEN, add_action, key, note, put, put_action

ITEM_BYTES = 400 * 1024
PK = {":pk": {"S": "p"}}

Case = tuple[str, dict[str, Any]]
"""A method of the client and what it is given."""


def nested(levels: int) -> dict[str, Any]:
    """Return a value that lies so deep."""
    value: dict[str, Any] = {"S": "x"}
    for _level in range(levels):
        value = {"M": {"a": value}}
    return value


def update(expression: str, values: dict[str, Any] | None = None, **more: Any) -> Case:
    """Return an UpdateItem."""
    given = {"ExpressionAttributeValues": values} if values else {}
    return "update_item", {"TableName": TABLE, "Key": key("1"), "UpdateExpression": expression, **given, **more}


def query(condition: str, values: dict[str, Any] | None = None, **more: Any) -> Case:
    """Return a Query."""
    request = {"TableName": TABLE, "KeyConditionExpression": condition}
    return "query", {**request, "ExpressionAttributeValues": PK if values is None else values, **more}


def a_put(item: dict[str, Any], **more: Any) -> Case:
    """Return a PutItem."""
    return "put_item", {"TableName": TABLE, "Item": item, **more}


def transaction(*actions: dict[str, Any], token: str | None = TOKEN) -> Case:
    """Return a TransactWriteItems."""
    given = {"ClientRequestToken": token} if token else {}
    return "transact_write_items", {"TransactItems": list(actions), **given}


def batch_write(*items: dict[str, Any]) -> Case:
    """Return a BatchWriteItem."""
    return "batch_write_item", {"RequestItems": {TABLE: [{"PutRequest": {"Item": item}} for item in items]}}


def batch_get(*keys: dict[str, Any]) -> Case:
    """Return a BatchGetItem."""
    return "batch_get_item", {"RequestItems": {TABLE: {"Keys": list(keys)}}}


REFUSED: dict[str, Case] = {
    "item over 400 KB": a_put(note("1", body=b"x" * (ITEM_BYTES - len("pkpsk1body") + 1))),
    "39 digits": a_put(note("1", n={"N": "1" * 39})),
    "39 digits in an update": update("SET n = :n", {":n": {"N": "1" * 39}}),
    "number out of range": a_put(note("1", n={"N": "1E126"})),
    "no number": a_put(note("1", n={"N": "many"})),
    "33 levels, the item among them": a_put(note("1", deep=nested(32))),
    "empty set": a_put(note("1", tags={"SS": []})),
    "set with an element twice": a_put(note("1", tags={"NS": ["1", "1.0"]})),
    "empty key": a_put(note("")),
    "empty key of an index": a_put(note("1", topic="")),
    "index key of another type": a_put(note("1", topic=1)),
    "no sort key": a_put({"pk": {"S": "p"}}),
    "partition key over 2048 bytes": a_put(note("1", pk="p" * 2049)),
    "sort key over 1024 bytes": a_put(note("s" * 1025)),
    "key read with an attribute too many": ("get_item", {"TableName": TABLE, "Key": note("1", n=1)}),
    "key read in part": ("get_item", {"TableName": TABLE, "Key": {"pk": {"S": "p"}}}),
    "unused value": a_put(note("1"), ConditionExpression="attribute_exists(pk)", ExpressionAttributeValues=PK),
    "unused name": update("SET n = :n", {":n": {"N": "1"}}, ExpressionAttributeNames={"#n": "n"}),
    "missing value": update("SET n = :n"),
    "expression over 4 KB": update(f"SET {'n' * 4096} = :n", {":n": {"N": "1"}}),
    "301 operators": update("SET n = " + " + ".join([":n"] * 302), {":n": {"N": "1"}}),
    "301 conditions": a_put(note("1"), ConditionExpression=" AND ".join(["attribute_exists(n)"] * 151)),
    "101 operands of IN": a_put(
        note("1"), ConditionExpression=f"n IN ({', '.join([':pk'] * 101)})", ExpressionAttributeValues=PK
    ),
    "key condition with <>": query("pk <> :pk"),
    "key condition with OR": query("pk = :pk OR pk = :pk"),
    "key condition with a function": query("pk = :pk AND contains(sk, :pk)"),
    "key condition without a partition": query("sk = :pk"),
    "key condition on the partition's range": query("pk > :pk"),
    "key condition on an attribute": query("pk = :pk AND n = :pk"),
    "sort key twice": query("pk = :pk AND sk > :pk AND sk < :pk"),
    "filter on a key": query("pk = :pk", FilterExpression="sk = :pk"),
    "filter on a key of the index": query("topic = :pk", IndexName=INDEX, FilterExpression="begins_with(sk, :pk)"),
    "filter on a key by its placeholder": query(
        "pk = :pk", FilterExpression="attribute_exists(#s)", ExpressionAttributeNames={"#s": "sk"}
    ),
    "unknown index": query("topic = :pk", IndexName="by_author"),
    "26 writes in a batch": batch_write(*(note(str(n)) for n in range(26))),
    "one item twice in a batch": batch_write(note("1", n=1), note("1", n=2)),
    "101 reads in a batch": batch_get(*(key(str(n)) for n in range(101))),
    "one key twice in a batch": batch_get(key("1"), key("1")),
    "101 actions": transaction(*(put_action(str(n)) for n in range(101))),
    "transaction over 4 MB": transaction(*(put_action(str(n), body=b"x" * 390 * 1024) for n in range(11))),
    "two actions on one item": transaction(put_action("1"), add_action("1", 1)),
    "no token": transaction(put_action("1"), token=None),
    "token over 36 characters": transaction(put_action("1"), token="t" * 37),
}

TAKEN: dict[str, Case] = {
    "item of 400 KB": a_put(note("1", body=b"x" * (ITEM_BYTES - len("pkpsk1body")))),
    "38 digits": a_put(note("1", n={"N": "1" * 38 + "000"})),
    "32 levels": a_put(note("1", deep=nested(31))),
    "empty string": a_put(note("1", body="")),
    "long keys": a_put(note("s" * 1024, pk="p" * 2048)),
    "299 operators": a_put(note("1"), ConditionExpression=" AND ".join(["attribute_exists(pk)"] * 150)),
    "nested path": update("SET deep.#a[0] = :n", {":n": {"N": "1"}}, ExpressionAttributeNames={"#a": "a"}),
    "range of the sort key": query("(pk = :pk) AND (sk BETWEEN :pk AND :pk)"),
    "prefix of the sort key": query("#p = :pk AND begins_with(sk, :pk)", ExpressionAttributeNames={"#p": "pk"}),
    "filter on the table's key in an index": query("topic = :pk", IndexName=INDEX, FilterExpression="pk = :pk"),
    "filter of the scan on a key": (
        "scan",
        {"TableName": TABLE, "FilterExpression": "pk = :pk", "ExpressionAttributeValues": PK},
    ),
    "25 writes": batch_write(*(note(str(n)) for n in range(25))),
    "100 reads": batch_get(*(key(str(n)) for n in range(100))),
    "100 actions": transaction(*(put_action(str(n)) for n in range(100))),
}


def send(dynamodb: Any, case: Case) -> None:
    """Send a request to a table that holds one item."""
    put(dynamodb, "1", deep={"M": {"a": {"L": [{"N": "0"}]}}})
    operation, request = case
    getattr(dynamodb, operation)(**request)
