from typing import Any

from boto3.dynamodb.conditions import Attr

from ricordo.adapters.dynamodb import keys
from ricordo.adapters.dynamodb.attributes import Row
from ricordo.adapters.dynamodb.expressions import Put
from ricordo.adapters.dynamodb.listing import oldest_first
from ricordo.adapters.dynamodb.table import ConditionNotMetError, Table
from ricordo.domain.errors import ProjectNotFoundError
from ricordo.domain.ids import ProjectId
from ricordo.domain.moments import from_micros, to_micros
from ricordo.domain.project import Project


class DynamoDBProjectStore:
    """`ports.project_store.ProjectStore` over the one table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, project: Project) -> bool:
        try:
            self._table.write(Put(_row(project), Attr("pk").not_exists()))
        except ConditionNotMetError:
            return False
        return True

    def get(self, project_id: ProjectId) -> Project:
        row = self._table.get(keys.project(project_id))
        if row is None:
            raise ProjectNotFoundError("No such project.")
        return _project(row)

    def list(self) -> list[Project]:
        return [_project(row) for row in oldest_first(self._table, keys.PROJECTS)]


def _row(project: Project) -> dict[str, Any]:
    return {
        **keys.project(project.project_id)._asdict(),
        "kind": "project",
        "format": 1,
        "gsi1pk": keys.PROJECTS,
        "gsi1sk": keys.listed(project.created_at, project.project_id),
        "project_id": project.project_id,
        "org_id": project.org_id,
        "name": project.name,
        "created_us": to_micros(project.created_at),
        "updated_us": to_micros(project.updated_at),
        "retention_days": project.retention_days,
        "shows_superseded": project.shows_superseded,
    }


def _project(row: Row) -> Project:
    return Project(
        project_id=ProjectId(row["project_id"]),
        org_id=row["org_id"],
        name=row["name"],
        created_at=from_micros(row["created_us"]),
        updated_at=from_micros(row["updated_us"]),
        retention_days=row["retention_days"],
        shows_superseded=row["shows_superseded"],
    )
