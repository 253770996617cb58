"""Which events are due, as far as the index shows; their rows decide."""

import heapq
from collections.abc import Iterator
from datetime import datetime

from boto3.dynamodb.conditions import Key as IndexKey

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.table import Table


def due_events(table: Table, now: datetime, *, at_once: int) -> Iterator[keys.Key]:
    """Yield the events of all projects that are due, the longest due first; `at_once` are asked for a shard."""
    where = IndexKey("gsi2sk").lte(keys.at(now))
    shards = [
        table.query_all(keys.due(shard), where=where, index="gsi2", limit=at_once) for shard in range(keys.DUE_SHARDS)
    ]
    for row in heapq.merge(*shards, key=lambda row: str(row["gsi2sk"])):
        yield keys.Key(row["pk"], row["sk"])
