"""`ricordo export`, and back in again."""

import json
import stat
from pathlib import Path

import pytest
from support.command_line import Installation, write_lines

from ricordo.domain.ids import MemoryId
from ricordo.domain.memory import MemoryPatch
from ricordo.runtime.first_start import first_project
from ricordo.runtime.settings import Settings
from ricordo.runtime.wiring import wire
from ricordo.usecases.delete_memories import delete_memory
from ricordo.usecases.update_memories import update_memory

LINES = [
    {
        "messages": [
            {"role": "user", "name": "Ana", "content": "I moved to Lisbon last week."},
            {"role": "assistant", "content": "Welcome to Lisbon, Ana!"},
            {"role": "user", "name": "Ana", "content": "My sister Rita works for the city library."},
        ],
        "user_id": "ana",
        "timestamp": "2026-01-05T10:00:00Z",
    },
    {
        "memory": "Ana plays the cello.",
        "user_id": "ana",
        "metadata": {"tags": ["music"]},
        "categories": ["art"],
    },
    {"memory": "Ben is a beekeeper 🐝.", "user_id": "ben", "expiration_date": "2020-01-01"},
    {"memory": "Ana had a scooter.", "user_id": "ana"},
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation with updated, expired and deleted memories."""
    folder = tmp_path_factory.mktemp("filled")
    home = Installation(folder / "home")
    home.ok("import", write_lines(folder / "lines.jsonl", LINES))
    ids = {line["memory"]: MemoryId(line["id"]) for line in home.exported()}
    services = wire(Settings(data_dir=home.data_dir))
    project_id = first_project(services).project_id
    update_memory(
        ids["Ana plays the cello."],
        MemoryPatch(text="Ana plays the viola.", metadata={"tags": []}),
        project_id=project_id,
        memories=services.memories,
        embedder=services.workbench.embedder,
        clock=services.clock,
    )
    delete_memory(ids["Ana had a scooter."], project_id=project_id, memories=services.memories, clock=services.clock)
    services.close()
    return home


@pytest.mark.parametrize("options", [(), ("--deleted",), ("--user-id", "ana")])
def test_an_export_imported_elsewhere_exports_the_same(
    filled: Installation, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """GIVEN an export WHEN it is imported into an empty folder THEN that exports byte for byte the same."""
    file = tmp_path / "export.jsonl"
    filled.ok("export", file, *options)
    other = Installation(tmp_path / "other")
    tally = other.ok("import", file, "--json").json()
    assert tally["memories"] == tally["lines"] == len(file.read_text("utf-8").splitlines()) > 0
    other.ok("export", tmp_path / "again.jsonl", *options)
    assert (tmp_path / "again.jsonl").read_bytes() == file.read_bytes()
    assert other.ok("import", file, "--json").json()["known"] == tally["lines"]


def test_an_export_holds_all_versions_and_no_vector(filled: Installation) -> None:
    """A line carries the memory, its history and its source, and nothing of the project or the index."""
    line = next(line for line in filled.exported() if line["memory"] == "Ana plays the viola.")
    assert [(version["change"], version["new_memory"]) for version in line["versions"]] == [
        ("ADD", "Ana plays the cello."),
        ("UPDATE", "Ana plays the viola."),
    ]
    assert (line["ricordo_export"], line["version"], line["metadata"]) == (1, 2, {"tags": []})
    assert not {"project_id", "embedding", "accepted_at"} & set(line)


def test_deleted_memories_are_left_out_unless_asked_for(filled: Installation) -> None:
    """Without --deleted nothing of a deleted memory is in an export; with it its history is."""
    assert "scooter" not in json.dumps(filled.exported())
    deleted = next(line for line in filled.exported("--deleted") if line["lifecycle_state"] == "deleted")
    assert (deleted["memory"], deleted["versions"][-1]["change"]) == ("", "DELETE")
    assert deleted["versions"][0]["new_memory"] == "Ana had a scooter."


def test_an_export_may_be_of_one_owner(filled: Installation) -> None:
    """Owners narrow an export; expired memories are in it."""
    (line,) = filled.exported("--user-id", "ben")
    assert (line["memory"], line["expiration_date"]) == ("Ben is a beekeeper 🐝.", "2020-01-01")
    assert filled.exported("--user-id", "ben", "--agent-id", "none") == []


def test_an_export_file_is_private_and_complete(filled: Installation, tmp_path: Path) -> None:
    """The file can be read by its owner only, and nothing else is left in the folder."""
    ran = filled.ok("export", tmp_path / "export.jsonl")
    assert stat.S_IMODE((tmp_path / "export.jsonl").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["export.jsonl"]
    assert (ran.out, ran.err) == ("", f"Exported {len(filled.exported())} memories.\n")


def test_restored_memories_are_searchable(filled: Installation, tmp_path: Path) -> None:
    """Vectors are computed on import: the same search finds the same memory."""
    filled.ok("export", tmp_path / "export.jsonl")
    other = Installation(tmp_path / "other")
    other.ok("import", tmp_path / "export.jsonl")
    question = ("search", "Which instrument does she play?", "--user-id", "ana", "--json")
    found, expected = (home.ok(*question).json()["results"] for home in (other, filled))
    assert found[0]["memory"] == "Ana plays the viola."
    assert [result["id"] for result in found] == [result["id"] for result in expected]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": "7"}, "id must be a UUID."),
        ({"memory": ""}, "memory must be empty where it is deleted, and only there."),
        ({"version": 3}, "versions must rise and end with the memory's own."),
        ({"versions": []}, "versions: List should have at least 1 item after validation, not 0."),
        ({"user_id": None}, "One of user_id, agent_id, app_id, run_id is required."),
        ({"created_at": "2026-01-05T10:00:00"}, "created_at: Input should have timezone info."),
        ({"sequence": 2**63}, "sequence: Input should be less than 2147483648."),
    ],
)
def test_a_line_that_contradicts_itself_is_refused(
    filled: Installation, tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    """A damaged line of an export is reported and nothing of it is stored."""
    line = next(line for line in filled.exported() if line["memory"] == "Ana plays the viola.")
    other = Installation(tmp_path / "other")
    ran = other.run("import", write_lines(tmp_path / "bad.jsonl", [line | change]))
    assert (ran.code, ran.err) == (1, f"line 1: {reason}\n")
    assert other.exported() == []
