"""Limits that moto has wrong or not at all; the guard knows them too, but stands in this process's clients only."""

from collections.abc import Mapping
from typing import Any

from moto.dynamodb import responses
from moto.dynamodb.exceptions import ItemSizeTooLarge, ItemSizeToUpdateTooLarge, MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from support.aws_guard.dynamodb_requests import transaction_size
from support.aws_guard.expressions import placeholders
from support.aws_guard.item_values import item_size, value_size
from support.aws_guard.limits import BATCH_WRITES, ITEM_BYTES, TRANSACTION_BYTES, TRANSACTION_READS

EXPRESSION_OPERATIONS = ("put_item", "delete_item", "query", "scan")


def install() -> None:
    """Have moto refuse what AWS refuses, and take what AWS takes."""
    DynamoType.size = lambda value: value_size(value.type, value.value)
    Item.size = lambda item: item_size(item.attrs)
    LimitedSizeDict.__setitem__ = dict.__setitem__
    responses.TRANSACTION_MAX_ITEMS = TRANSACTION_READS.most
    _check_written("put_item", ItemSizeTooLarge)
    _check_written("update_item", ItemSizeToUpdateTooLarge)
    for operation in EXPRESSION_OPERATIONS:
        _check_request(operation, _refuse_unused_values)
    _check_request("batch_write_item", _refuse_large_batch)
    _check_request("transact_write_items", _refuse_transaction)


def _check_request(operation: str, check: Any) -> None:
    act = getattr(DynamoHandler, operation)

    def checked(handler: DynamoHandler) -> Any:
        check(handler.body)
        return act(handler)

    setattr(DynamoHandler, operation, checked)


def _check_written(operation: str, too_large: type[Exception]) -> None:
    """Check an item as it was written; `atomic_writes` undoes it if it may not be."""
    write = getattr(DynamoDBBackend, operation)

    def checked(backend: DynamoDBBackend, table_name: str, *args: Any, **kwargs: Any) -> Item:
        item: Item = write(backend, table_name, *args, **kwargs)
        if item.size() > ITEM_BYTES.most:
            raise too_large
        _refuse_index_key_type(backend.get_table(table_name), item)
        return item

    setattr(DynamoDBBackend, operation, checked)


def _refuse_index_key_type(table: Table, item: Item) -> None:
    """Refuse an index key of another type than declared: moto stores it, and dies at the next scan of the index."""
    declared = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table.attr}
    for index in table.all_indexes():
        for name in index.schema_key_attrs:
            if name in item.attrs and item.attrs[name].type != declared[name]:
                raise MockValidationException(
                    f"One or more parameter values were invalid: Type mismatch for Index Key {name} "
                    f"Expected: {declared[name]} Actual: {item.attrs[name].type} IndexName: {index.name}"
                )


def _refuse_unused_values(request: Mapping[str, Any]) -> None:
    unused = sorted(set(request.get("ExpressionAttributeValues") or ()) - placeholders(request))
    if unused:
        raise MockValidationException(
            f"Value provided in ExpressionAttributeValues unused in expressions: keys: {{{', '.join(unused)}}}"
        )


def _refuse_large_batch(request: Mapping[str, Any]) -> None:
    if sum(map(len, request["RequestItems"].values())) > BATCH_WRITES.most:
        raise MockValidationException("Too many items requested for the BatchWriteItem call")


def _refuse_transaction(request: Mapping[str, Any]) -> None:
    actions = request["TransactItems"]
    for action in actions:
        for write in action.values():
            _refuse_unused_values(write)
    if transaction_size(actions) > TRANSACTION_BYTES.most:
        raise MockValidationException("Transaction request cannot exceed 4 MB")
