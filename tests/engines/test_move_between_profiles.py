"""Moving house: an export of the embedded profile, imported into AWS, and back."""

import json
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from support.command_line import Installation, write_lines
from support.engine_profile import EngineProfile, answers

from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import LifecycleState, MemoryPatch
from ricordo.runtime.first_start import first_project
from ricordo.runtime.settings import Settings
from ricordo.runtime.wiring import wire
from ricordo.usecases.delete_memories import delete_memory
from ricordo.usecases.update_memories import update_memory

pytestmark = pytest.mark.engines

LINES = [
    {
        "messages": [
            {"role": "user", "name": "Ana", "content": "I moved to Lisbon last week."},
            {"role": "user", "name": "Rita", "content": "I moved to Porto in 2019, I work for the city library."},
            {"role": "user", "name": "Ana", "content": "My brother Paulo lives in Coimbra."},
        ],
        "user_id": "ana",
        "run_id": "tea",
        "timestamp": "2026-01-05T10:00:00Z",
    },
    {"memory": "Ana plays the cello.", "user_id": "ana", "metadata": {"tags": ["music"]}, "categories": ["art"]},
    {"memory": "Ana lives in Faro.", "user_id": "ana", "created_at": "2020-03-01T08:00:00Z"},
    {"memory": "Ana's passport is valid.", "user_id": "ana", "expiration_date": "2099-12-31"},
    {"memory": "Ben is a beekeeper 🐝.", "user_id": "ben", "expiration_date": "2020-01-01"},
    {"memory": "Ben never lies.", "user_id": "ben", "agent_id": "coach", "immutable": True},
    {"memory": "Ana had a scooter.", "user_id": "ana"},
]
QUESTIONS = [
    "Where did Ana move to?",
    "Where did Rita move to?",
    "Which instrument does Ana play?",
    "Is Ana's brother near?",
]


@dataclass(frozen=True, slots=True)
class Move:
    """An installation, its export, and the AWS profile that the export was imported into."""

    home: Installation
    file: Path
    profile: EngineProfile

    def exported_from_aws(self, file: Path) -> bytes:
        """Export everything, deleted memories too."""
        self.profile.command(self.home.data_dir, "export", file, "--deleted")
        return file.read_bytes()


@pytest.fixture(scope="module")
def move(profile: EngineProfile, tmp_path_factory: pytest.TempPathFactory) -> Move:
    """Fill an installation, export it and import that into the AWS profile."""
    folder = tmp_path_factory.mktemp("move")
    home = Installation(folder / "home")
    home.ok("import", write_lines(folder / "lines.jsonl", LINES))
    change(home)
    home.ok("export", folder / "export.jsonl", "--deleted")
    tally = profile.command(home.data_dir, "import", folder / "export.jsonl", "--json").json()
    assert tally["memories"] == tally["lines"] == len(home.exported("--deleted"))
    profile.project()
    return Move(home, folder / "export.jsonl", profile)


def change(home: Installation) -> None:
    """Update, supersede and delete a memory each."""
    ids = {line["memory"]: MemoryId(line["id"]) for line in home.exported()}
    with closing(wire(Settings(data_dir=home.data_dir))) as services:
        project_id, memories, clock = first_project(services).project_id, services.memories, services.clock
        cello, faro, scooter = (ids[f"Ana {rest}."] for rest in ("plays the cello", "lives in Faro", "had a scooter"))
        update_memory(
            cello,
            MemoryPatch(text="Ana plays the viola.", metadata={"tags": []}),
            project_id=project_id,
            memories=memories,
            embedder=services.workbench.embedder,
            clock=clock,
        )
        lived = memories.get(project_id, [faro])[faro]
        superseded = replace(
            lived,
            version=2,
            state=LifecycleState.SUPERSEDED,
            replaced_by=cello,
            valid_to=clock.now(),
            updated_at=clock.now(),
        )
        memories.replace(superseded, expected_version=1)
        delete_memory(scooter, project_id=project_id, memories=memories, clock=clock)


def test_everything_arrives_as_it_was(move: Move, tmp_path: Path) -> None:
    """Ids, texts, versions, histories, times, expiry and metadata: AWS exports byte for byte what it was given."""
    lines = [json.loads(line) for line in move.file.read_text("utf-8").splitlines()]
    assert {line["lifecycle_state"] for line in lines} == {"active", "superseded", "deleted"}
    assert move.exported_from_aws(tmp_path / "aws.jsonl") == move.file.read_bytes()


def test_importing_again_changes_nothing(move: Move, tmp_path: Path) -> None:
    """All lines are known, and what is there stays as it is."""
    tally = move.profile.command(move.home.data_dir, "import", move.file, "--json").json()
    assert (tally["memories"], tally["known"]) == (0, tally["lines"])
    assert move.exported_from_aws(tmp_path / "aws.jsonl") == move.file.read_bytes()


def test_searches_find_the_same(move: Move) -> None:
    """The memories that answer, and what they score, do not change with the move: who speaks is known too."""
    with closing(wire(Settings(data_dir=move.home.data_dir))) as embedded:
        both = [(wired, first_project(wired).project_id) for wired in (embedded, move.profile.services)]
        for question in QUESTIONS:
            expected, found = (answers(wired, project_id, "ana", question) for wired, project_id in both)
            assert [one for one, _ in found] == [one for one, _ in expected] != [], question
            assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=0.002), question


def test_the_way_back_is_the_same_way(move: Move, tmp_path: Path) -> None:
    """An export of AWS makes an installation equal to the first."""
    move.exported_from_aws(tmp_path / "aws.jsonl")
    other = Installation(tmp_path / "other")
    other.ok("import", tmp_path / "aws.jsonl")
    assert other.exported("--deleted") == move.home.exported("--deleted")
