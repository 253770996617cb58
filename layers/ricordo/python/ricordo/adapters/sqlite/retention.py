"""Removing for good what has ended: tombstones, histories, expired memories and what only they kept."""

from datetime import datetime

from ricordo.adapters.sqlite import graph_rows, word_rows
from ricordo.adapters.sqlite.database import Connection
from ricordo.domain.ids import ProjectId
from ricordo.domain.moments import to_micros

_ENDED = (
    "SELECT row, memory_id, event_id FROM memories WHERE project_id = ?"
    " AND ((state = 'deleted' AND updated_us < ?) OR expiration_end_us < ?) LIMIT 500"
)


def purge_project(connection: Connection, project_id: ProjectId, *, older_than: datetime) -> int:
    """Remove up to 500 memories that ended before `older_than`, their histories and needless episodes."""
    before = to_micros(older_than)
    ended = connection.execute(_ENDED, (project_id, before, before)).fetchall()
    for row in ended:
        word_rows.remove(connection, row["row"])
        graph_rows.remove(connection, project_id, row["memory_id"])
        key = (project_id, row["memory_id"])
        connection.execute("DELETE FROM memory_versions WHERE project_id = ? AND memory_id = ?", key)
        for table in ("memory_metadata", "memory_categories", "memories"):
            connection.execute(f"DELETE FROM {table} WHERE row = ?", (row["row"],))
    for event_id in {row["event_id"] for row in ended}:
        _forget_episode(connection, project_id, event_id)
    if ended:
        connection.execute("UPDATE counters SET purge = purge + 1")
    connection.execute(
        "DELETE FROM cuts WHERE project_id = ? AND place <"
        " (SELECT coalesce(min(place), (SELECT max(place) FROM events)) FROM events"
        " WHERE status IN ('PENDING', 'RUNNING'))",
        (project_id,),
    )
    return len(ended)


def _forget_episode(connection: Connection, project_id: ProjectId, event_id: str) -> None:
    """Remove what was said, once none of the memories made from it is left and no more will come."""
    left = connection.execute(
        "SELECT 1 FROM memories WHERE project_id = :project AND event_id = :event UNION ALL"
        " SELECT 1 FROM events WHERE project_id = :project AND event_id = :event"
        " AND status IN ('PENDING', 'RUNNING') LIMIT 1",
        {"project": project_id, "event": event_id},
    ).fetchone()
    if left is None:
        connection.execute("DELETE FROM episodes WHERE project_id = ? AND event_id = ?", (project_id, event_id))
        connection.execute(
            "UPDATE events SET results = '[]', facts = NULL WHERE project_id = ? AND event_id = ?",
            (project_id, event_id),
        )
