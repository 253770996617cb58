import sqlite3

from ricordo.adapters.sqlite.database import Database
from ricordo.domain.errors import ProjectNotFoundError
from ricordo.domain.ids import ProjectId
from ricordo.domain.moments import from_micros, to_micros
from ricordo.domain.project import Project


class SqliteProjectStore:
    """`ports.project_store.ProjectStore` over one file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, project: Project) -> bool:
        with self._database.writing() as connection:
            written = connection.execute(
                "INSERT INTO projects VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (project_id) DO NOTHING",
                (
                    project.project_id,
                    project.org_id,
                    project.name,
                    to_micros(project.created_at),
                    to_micros(project.updated_at),
                    project.retention_days,
                    int(project.shows_superseded),
                ),
            ).rowcount
        return bool(written)

    def get(self, project_id: ProjectId) -> Project:
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM projects WHERE project_id = ?", (project_id,)).fetchone()
        if row is None:
            raise ProjectNotFoundError("No such project.")
        return _project(row)

    def list(self) -> list[Project]:
        with self._database.reading() as connection:
            rows = connection.execute("SELECT * FROM projects ORDER BY created_us, project_id")
            return [_project(row) for row in rows]


def _project(row: sqlite3.Row) -> Project:
    return Project(
        project_id=ProjectId(row["project_id"]),
        org_id=row["org_id"],
        name=row["name"],
        created_at=from_micros(row["created_us"]),
        updated_at=from_micros(row["updated_us"]),
        retention_days=row["retention_days"],
        shows_superseded=bool(row["shows_superseded"]),
    )
