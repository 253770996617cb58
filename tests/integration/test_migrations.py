"""Files of every age: upgraded without loss, or refused and left as they were."""

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from support.builders import PROJECT, a_memory, owned_by
from support.stores import Stores, over_sqlite, sqlite_stores

from ricordo.adapters.sqlite import database as module
from ricordo.adapters.sqlite.database import APPLICATION_ID, Database, migrate
from ricordo.domain.errors import StoreFormatError
from ricordo.domain.filters import All
from ricordo.domain.graph import Entity, EntityType, Relation
from ricordo.domain.ids import MemoryId
from ricordo.domain.moments import from_micros
from ricordo.domain.paging import PageRequest
from ricordo.ports.search_index import IndexQuery

STEPS = sorted(module.MIGRATIONS.glob("*.sql"))
VECTOR = np.array([1, 0, 0, 0], np.float32)
# A memory as the first schema held it, written without any of today's code.
OLD_ROWS = """
INSERT INTO memories (project_id, memory_id, user_id, text_digest, text, version, state, kind, metadata,
categories,
  speaker, created_us, updated_us, accepted_us, immutable, entities, relations, thread, sequence, event_id,
  episode_id, ordinal, message_index, embedding_model, embedding, change)
VALUES ('proj-a', :id, 'ana', x'00', :text, 1, :state, 'fact', '{"k":1}', '["food"]', 'Ana', 0, 0, :row, 0,
  '[{"key":"whatever","name":"José  Pérez","type":"person"}]',
  '[{"source":"José  Pérez","type":"sells","target":"Tea","valid_from_us":null,"valid_to_us":5}]',
  't', :row, 'e', 'x', 0, 0, 'model-1', x'003C000000000000', :row);
"""


def at_version(path: Path, version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a file as a program that knew only the first `version` steps would have left it."""
    folder = tmp_path / f"steps {version}"
    folder.mkdir()
    for step in STEPS[:version]:
        shutil.copy(step, folder)
    database = Database(path)
    with monkeypatch.context() as patched:
        patched.setattr(module, "MIGRATIONS", folder)
        assert migrate(database) == version
    if version:
        for row, (state, text) in enumerate(
            (("active", "[1 May 2026] Ana: I sell teas"), ("deleted", "gone")), start=1
        ):
            database.connection.execute(OLD_ROWS, {"id": f"m{row}", "text": text, "state": state, "row": row})
        database.connection.execute("UPDATE counters SET change = 2")
    database.close()


def digest(path: Path) -> str:
    """Name the content of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def opened(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    """A file of the schema version given as the param, opened by today's program."""
    path = tmp_path / "old.db"
    at_version(path, request.param, tmp_path, monkeypatch)
    with sqlite_stores(path) as stores:
        yield stores


@pytest.mark.parametrize("opened", range(1, len(STEPS) + 1), indirect=True)
def test_an_older_file_is_upgraded_and_searchable(opened: Stores) -> None:
    """Memories of every older schema are listed, found by words, by vector, by entity and by relation."""
    (memory,) = opened.memories.list(PROJECT, All(), PageRequest()).items
    assert (memory.memory_id, memory.metadata, memory.categories) == ("m1", {"k": 1}, ("food",))
    assert memory.entities == (Entity("José  Pérez", EntityType.PERSON),)
    opened.index.upsert([memory])
    opened.graph.upsert([memory])

    def nominated(**query: object) -> list[MemoryId]:
        fields = {"vector": None, "model_id": "model-1", "terms": (), "limit": 5}
        return list(opened.index.nominate(IndexQuery(PROJECT, owned_by(), **(fields | query))))  # type: ignore[arg-type]

    assert nominated(terms=("tea",)) == ["m1"]
    assert nominated(terms=("may",)) == nominated(terms=("gone",)) == []
    assert nominated(vector=VECTOR) == ["m1"]
    assert list(opened.graph.mentions(PROJECT, ["jose perez"], limit=5)) == ["m1"]
    (relation,) = opened.graph.neighbourhood(PROJECT, "jose perez", hops=1, limit=5)
    assert (relation.source, relation.type, relation.target) == ("José  Pérez", "sells", "Tea")


def test_the_projections_are_built_from_the_truth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step that adds words and graph fills them from the memories that are there."""
    path = tmp_path / "old.db"
    at_version(path, 1, tmp_path, monkeypatch)
    database = Database(path)
    migrate(database)
    stores = over_sqlite(database)

    query = IndexQuery(PROJECT, owned_by(), None, "model-1", ("sell",), 5)
    assert list(stores.index.nominate(query)) == ["m1"]
    assert list(stores.graph.mentions(PROJECT, ["jose perez"], limit=5)) == ["m1"]
    (relation,) = stores.graph.neighbourhood(PROJECT, "tea", hops=1, limit=5)
    assert relation == Relation("José  Pérez", "sells", "Tea", None, from_micros(5))
    database.close()


def test_a_new_file_has_the_newest_schema(tmp_path: Path) -> None:
    """Migrating is idempotent and marks the file as ours."""
    database = Database(tmp_path / "new.db")

    assert migrate(database) == migrate(database) == len(STEPS)

    assert database.connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    assert database.connection.execute("PRAGMA user_version").fetchone()[0] == len(STEPS)
    assert database.connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    database.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade happens as a whole or not at all."""
    path = tmp_path / "old.db"
    at_version(path, 1, tmp_path, monkeypatch)
    folder = tmp_path / "broken"
    shutil.copytree(module.MIGRATIONS, folder)
    (folder / "9999_broken.sql").write_text("CREATE TABLE half (a);\nCREATE TABLE half (a);\n")
    database = Database(path)
    with monkeypatch.context() as patched:
        patched.setattr(module, "MIGRATIONS", folder)
        with pytest.raises(sqlite3.OperationalError):
            migrate(database)

    assert database.connection.execute("PRAGMA user_version").fetchone()[0] == 1
    assert migrate(database) == len(STEPS)
    database.close()


def test_a_newer_file_is_refused_and_left_unchanged(tmp_path: Path) -> None:
    """A program that is too old says so before it touches anything."""
    path = tmp_path / "newer.db"
    with sqlite_stores(path) as stores:
        stores.memories.insert([a_memory()])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version={len(STEPS) + 1}")
    before = digest(path)
    database = Database(path)

    with pytest.raises(StoreFormatError, match="install a newer one"):
        migrate(database)

    database.close()
    assert digest(path) == before


@pytest.mark.parametrize("application_id", [0, 1])
def test_a_foreign_database_is_refused_and_left_unchanged(tmp_path: Path, application_id: int) -> None:
    """Another program's SQLite file is not ours to change, not even its journal mode."""
    path = tmp_path / "foreign.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id={application_id}")
        connection.execute("CREATE TABLE bookmarks (url)")
    before = digest(path)
    database = Database(path)

    for _ in range(2):
        with pytest.raises(StoreFormatError, match="not Ricordo's"):
            migrate(database)

    database.close()
    assert digest(path) == before
    assert [file.name for file in tmp_path.iterdir()] == ["foreign.db"]


@pytest.mark.parametrize("content", [b"no database, just a text that is long enough" * 100, b"\0" * 4096])
def test_what_is_no_database_is_refused_and_left_unchanged(tmp_path: Path, content: bytes) -> None:
    """Any other file is refused."""
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    database = Database(path)

    with pytest.raises(StoreFormatError):
        migrate(database)

    database.close()
    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    """What `touch` or a temporary-file call made is as good as no file."""
    path = tmp_path / "empty.db"
    path.touch()

    with sqlite_stores(path) as stores:
        assert stores.memories.insert([a_memory()])
