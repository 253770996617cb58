"""Files that somebody drops to be imported, and where it is said what came of them."""

from dataclasses import dataclass

from ricordo.domain.errors import InvalidRequestError
from ricordo.domain.ids import ProjectId

PREFIX = "imports/"
SUFFIX = ".jsonl"


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file as it stood when it was found.

    Attributes:
        size: In bytes.
        version: Changes with what is in it.
    """

    key: str
    size: int
    version: str


@dataclass(frozen=True, slots=True)
class Drop:
    """What the key of a dropped file says: `imports/<project>/<name>.jsonl`, where a name may hold slashes."""

    project_id: ProjectId
    name: str

    @property
    def result_key(self) -> str:
        """Where it is said what came of it; nothing under this prefix starts an import."""
        return f"import-results/{self.project_id}/{self.name}.json"

    def refusals_key(self, version: str, start: int) -> str:
        """Where it is said which lines of the chunk at `start` were refused."""
        return f"import-refusals/{self.project_id}/{self.name}/{version}-{start}.json"


def drop_of(key: str) -> Drop:
    """Read the key of a dropped file.

    Raises:
        InvalidRequestError: it names no project, or is none of a file of lines.
    """
    project_id, _, name = key.removeprefix(PREFIX).partition("/")
    if not key.startswith(PREFIX) or not project_id or not name.endswith(SUFFIX) or name == SUFFIX:
        raise InvalidRequestError(f"Imports are {PREFIX}<project>/<name>{SUFFIX}, not {key}.")
    return Drop(ProjectId(project_id), name.removesuffix(SUFFIX))
