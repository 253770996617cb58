"""What the embedded index promises beyond its port: its order, its plan, its memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.builders import DIMENSIONS, MODEL, PROJECT, a_memory, a_vector, embedded, ids_of, owned_by
from support.clocks import START

from ricordo.adapters.sqlite import word_rows
from ricordo.adapters.sqlite.database import Database, migrate
from ricordo.adapters.sqlite.memory_store import SqliteMemoryStore
from ricordo.adapters.sqlite.search_index import SqliteSearchIndex
from ricordo.adapters.sqlite.vector_partitions import VectorPartitions
from ricordo.domain.filters import All, AnyOf, InState, OwnedBy, UnexpiredAt
from ricordo.domain.memory import LifecycleState
from ricordo.domain.scope import Owner, OwnerType, Scope
from ricordo.ports.search_index import IndexQuery

ANA = Owner(OwnerType.USER, "ana")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    opened = Database(tmp_path / "ricordo.db")
    migrate(opened)
    yield opened
    opened.close()


def test_words_are_ranked_by_bm25_of_the_text_alone(database: Database) -> None:
    """The column that lists owners has no weight in the order."""
    store, index = SqliteMemoryStore(database), SqliteSearchIndex(database)
    scopes = [Scope("ana"), Scope("ana", "chef", "ios", "r1")]
    texts = ["tea", "tea tea", "tea and milk", "milk", "milk tea sugar lemon honey", "tea " * 20, "coffee"]
    store.insert([a_memory(f"{text} {n}", scope=scopes[n % 2]) for n, text in enumerate(texts * 3)])

    found = index.nominate(IndexQuery(PROJECT, owned_by(), None, MODEL, ("tea", "milk"), 100))

    by_formula = database.connection.execute(
        "SELECT m.memory_id FROM memory_words w JOIN memories m ON m.row = w.rowid WHERE memory_words MATCH ?"
        " ORDER BY bm25(memory_words, 0.0, 1.0), m.row",
        (word_rows.match_any(PROJECT, [ANA], ["tea", "milk"]),),
    )
    assert list(found) == [row[0] for row in by_formula]
    assert len(found) == 18


def test_words_are_sorted_by_the_text_index_itself(database: Database) -> None:
    """The plan walks the text index in order of rank and looks rows up, with no sort of its own."""
    statements: list[str] = []
    database.connection.set_trace_callback(statements.append)
    where = All((owned_by(), InState(frozenset({LifecycleState.ACTIVE})), UnexpiredAt(START)))
    SqliteSearchIndex(database).nominate(IndexQuery(PROJECT, where, None, MODEL, ("tea",), 5))
    database.connection.set_trace_callback(None)
    (statement,) = (text for text in statements if "MATCH" in text and text.startswith("SELECT m.row"))

    plan = [row["detail"] for row in database.connection.execute(f"EXPLAIN QUERY PLAN {statement}")]

    assert plan[0].startswith("SCAN w VIRTUAL TABLE INDEX 32:")
    assert plan[1] == "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)"
    assert len(plan) == 2


@pytest.mark.parametrize("owner", [Owner(owner_type, "x") for owner_type in OwnerType])
def test_a_partition_catches_up_by_index(database: Database, owner: Owner) -> None:
    """Asking an owner for what changed reads the index of that owner and nothing else."""
    field = owner.type.field
    statement = f"SELECT row FROM memories WHERE project_id = 'p' AND {field} = 'x' AND change > 3 ORDER BY row"

    plan = [row["detail"] for row in database.connection.execute(f"EXPLAIN QUERY PLAN {statement}")]

    assert plan[0] == (
        f"SEARCH memories USING COVERING INDEX memories_of_{owner.type.value}"
        f" (project_id=? AND {owner.type.field}=? AND change>?)"
    )


def test_partitions_keep_to_their_budget(database: Database) -> None:
    """Over the budget the partitions used longest ago are dropped; the one asked for is always whole."""
    one_vector = DIMENSIONS * 4
    SqliteMemoryStore(database).insert([a_memory(scope=Scope(f"user {n}"), embedding=embedded(n)) for n in range(4)])
    partitions = VectorPartitions(database, budget_bytes=2 * one_vector)

    for number in (0, 1, 0, 2, 3):
        partition = partitions.fresh(PROJECT, Owner(OwnerType.USER, f"user {number}"), MODEL)
        assert len(partition.rows) == 1

    assert [key[2] and key[2].id for key in partitions._partitions] == ["user 2", "user 3"]
    assert len(partitions.fresh(PROJECT, None, MODEL).rows) == 4
    assert len(partitions._partitions) == 1


def test_a_partition_in_use_does_not_change(database: Database) -> None:
    """What a search has in hand is one commit's state, whatever is written meanwhile."""
    store = SqliteMemoryStore(database)
    partitions = VectorPartitions(database)
    store.insert([a_memory("one", embedding=embedded(0))])
    before = partitions.fresh(PROJECT, ANA, MODEL)

    store.insert([a_memory("two", embedding=embedded(1))])
    after = partitions.fresh(PROJECT, ANA, MODEL)

    assert (len(before.rows), len(before.vectors)) == (1, 1)
    assert (len(after.rows), len(after.vectors)) == (2, 2)


def test_many_owners_are_searched_together(database: Database) -> None:
    """A filter over a thousand owners is one search."""
    memories = [a_memory("tea", scope=Scope(f"user {n}"), embedding=embedded(0)) for n in range(5)]
    SqliteMemoryStore(database).insert(memories)
    where = AnyOf(
        (
            OwnedBy(OwnerType.USER, frozenset(f"user {n}" for n in range(500))),
            OwnedBy(OwnerType.AGENT, frozenset(f"agent {n}" for n in range(500))),
        )
    )

    for query in (
        IndexQuery(PROJECT, where, a_vector(0), MODEL, (), 10),
        IndexQuery(PROJECT, where, None, MODEL, ("tea",), 10),
    ):
        assert set(SqliteSearchIndex(database).nominate(query)) == set(ids_of(memories))
