from collections.abc import Sequence

from ricordo.adapters.sqlite.database import Database
from ricordo.adapters.sqlite.rows import LIVE
from ricordo.adapters.sqlite.search_index import SqliteSearchIndex
from ricordo.domain.memory import Memory
from ricordo.ports.index_builder import BuildId


class SqliteIndexBuilder:
    """`ports.index_builder.IndexBuilder`: words are written anew in place, and each commit is right as it is.

    Vectors are searched where the truth has them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._index = SqliteSearchIndex(database)

    def ensure(self) -> None:
        """Leave the words as they are: they came with the database."""

    def begin(self) -> BuildId:
        return BuildId("memory_words")

    def write(self, build: BuildId, memories: Sequence[Memory]) -> None:  # noqa: ARG002  there is only one
        self._index.upsert(memories)

    def finish(self, build: BuildId) -> None:  # noqa: ARG002
        """Remove the words of what is not there any more."""
        with self._database.writing() as connection:
            connection.execute(f"DELETE FROM memory_words WHERE rowid NOT IN (SELECT row FROM memories m WHERE {LIVE})")

    def abandon(self, build: BuildId) -> None:
        """Leave what was written."""
