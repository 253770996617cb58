from ricordo.adapters.sqlite.database import Database
from ricordo.domain.event import Event


class SqliteIngestion:
    """`ports.ingestion.Ingestion` for workers that take what is due from the file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, event: Event) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE events SET due_us = created_us WHERE project_id = ? AND event_id = ? AND status = 'PENDING'",
                (event.project_id, event.event_id),
            )
