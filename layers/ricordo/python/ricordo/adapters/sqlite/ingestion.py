from ricordo.adapters.sqlite.database import Database
from ricordo.domain.ids import EventId, ProjectId


class SqliteIngestion:
    """`ports.ingestion.Ingestion` for workers that take what is due from the file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, project_id: ProjectId, event_id: EventId) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE events SET due_us = created_us WHERE project_id = ? AND event_id = ? AND status = 'PENDING'",
                (project_id, event_id),
            )
