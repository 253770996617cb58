"""A DynamoDB table under test: its stores, its rows as they lie there, and clients that end in the middle."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from support.dynamodb_stores import BUCKET, Cloud, create_bucket, create_table, new_name, over_dynamodb
from support.faults import CountedCalls, Interruption
from support.moto_cloud import moto_cloud
from support.stores import Stores

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import from_item
from ricordo.adapters.dynamodb.large_bodies import LargeBodies
from ricordo.adapters.dynamodb.links import link_rows
from ricordo.adapters.dynamodb.memory_rows import memory_from
from ricordo.adapters.dynamodb.table import Table
from ricordo.adapters.dynamodb.uniqueness import HOLDERS, holds
from ricordo.domain.memory import Memory

Rows: TypeAlias = Mapping[keys.Key, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Bench:
    """One table, and the bucket beside it."""

    cloud: Cloud
    table_name: str

    @property
    def stores(self) -> Stores:
        """The stores over the table, as one process has them."""
        return over_dynamodb(self.cloud, self.table_name)

    @property
    def table(self) -> Table:
        """The table."""
        return Table(self.cloud.dynamodb, self.table_name)

    @property
    def bodies(self) -> LargeBodies:
        """What is too large for it."""
        return LargeBodies(self.cloud.s3, BUCKET)

    def counted(self, calls: CountedCalls) -> Stores:
        """Return stores whose requests are counted, of which one may be the last."""
        return over_dynamodb(Cloud(calls.of(self.cloud.dynamodb), calls.of(self.cloud.s3)), self.table_name)

    def interrupted(self, method: str, act: Callable[[], object], *, place: int = 0) -> Stores:
        """Return stores whose work is interrupted before one request of a kind."""
        interruption = Interruption(method, act, place=place)
        return over_dynamodb(Cloud(interruption.of(self.cloud.dynamodb), self.cloud.s3), self.table_name)

    def rows(self, *kinds: str) -> Rows:
        """Return the rows that lie in the table, of some kinds or of all."""
        pages = self.cloud.dynamodb.get_paginator("scan").paginate(TableName=self.table_name, ConsistentRead=True)
        rows = [from_item(item) for page in pages for item in page["Items"]]
        return {keys.Key(row["pk"], row["sk"]): row for row in rows if not kinds or row["kind"] in kinds}


BenchOpener: TypeAlias = Callable[[], AbstractContextManager[Bench]]


@contextmanager
def moto_bench() -> Iterator[Bench]:
    """Open an empty table on moto."""
    with moto_cloud() as moto:
        cloud = Cloud(moto.dynamodb, moto.s3)
        create_bucket(cloud)
        name = new_name()
        create_table(cloud, name)
        yield Bench(cloud, name)


@contextmanager
def engine_bench(cloud: Cloud) -> Iterator[Bench]:
    """Open an empty table on DynamoDB Local."""
    name = new_name()
    create_table(cloud, name)
    try:
        yield Bench(cloud, name)
    finally:
        cloud.dynamodb.delete_table(TableName=name)


def faults_in(rows: Rows) -> list[str]:
    """Say where rows of memories contradict each other: something missing, or something left behind."""
    memories = {key: memory_from(row) for key, row in rows.items() if row["kind"] == "memory"}
    missing = [fault for key, memory in memories.items() for fault in _missing(memory, rows[key], rows)]
    left = [f"{row['kind']} {key.sk} is left behind" for key, row in rows.items() if _is_left(key, row, memories)]
    return missing + left


def _missing(memory: Memory, current: Mapping[str, Any], rows: Rows) -> Iterator[str]:
    name = f"{memory.memory_id} v{memory.version}"
    for key, link in link_rows(memory, cuts_seen=current["cuts_seen"]).items():
        if rows.get(key) != {said: value for said, value in link.items() if value is not None}:
            yield f"{name} is not listed as it is in {key.pk}"
    if keys.version(memory.project_id, memory.memory_id, memory.version) not in rows:
        yield f"{name} has no version row"
    if holds(memory) and memory.memory_id not in rows.get(keys.uniqueness(memory), {HOLDERS: ()})[HOLDERS]:
        yield f"{name} does not hold its text"


def _is_left(key: keys.Key, row: Mapping[str, Any], memories: Mapping[keys.Key, Memory]) -> bool:
    if row["kind"] == "version":
        memory = memories.get(keys.Key(key.pk, keys.CURRENT))
        return memory is None or memory.version < row["version"]
    if row["kind"] == "link":
        return not any(key in link_rows(memory, cuts_seen=0) for memory in memories.values())
    if row["kind"] == "pending":
        return not any(key == keys.pending(memory) for memory in memories.values())
    if row["kind"] == "text":
        holders = {memory.memory_id for memory in memories.values() if keys.uniqueness(memory) == key and holds(memory)}
        return not row[HOLDERS] or not row[HOLDERS] <= holders
    return False
