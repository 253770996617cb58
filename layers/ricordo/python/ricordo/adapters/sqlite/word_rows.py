"""The text index: one FTS5 row a memory, found by owner and by word (https://sqlite.org/fts5.html)."""

import sqlite3
from collections.abc import Collection, Iterable

from ricordo.adapters.sqlite.database import Connection, owner_term, owner_terms
from ricordo.domain.episode import bare_utterance
from ricordo.domain.ids import ProjectId
from ricordo.domain.scope import Owner


def write(connection: Connection, row: sqlite3.Row) -> None:
    """List a memory's row under its owners and its words."""
    owners = owner_terms(row["project_id"], row["user_id"], row["agent_id"], row["app_id"], row["run_id"])
    connection.execute(
        "INSERT INTO memory_words (rowid, owners, body) VALUES (?, ?, ?)",
        (row["row"], owners, bare_utterance(row["text"], row["speaker"])),
    )


def remove(connection: Connection, row: int) -> None:
    """Take a row out; one that is not there is no error."""
    connection.execute("DELETE FROM memory_words WHERE rowid = ?", (row,))


def match_any(project_id: ProjectId, owners: Collection[Owner] | None, terms: Iterable[str]) -> str:
    """Spell a MATCH: any of the terms, in rows of any of these owners; None is the whole project.

    Terms are quoted, so that nothing in them is read as syntax; FTS5 reads no further than a NUL.
    """
    if owners is None:
        scope = owner_term(project_id, "project", "")
    else:
        scope = " OR ".join(sorted(owner_term(project_id, owner.type.value, owner.id) for owner in owners))
    words = " OR ".join('"' + term.replace('"', '""').replace("\0", " ") + '"' for term in terms)
    return f"owners : ({scope}) AND body : ({words})"
