"""Dropped files, taken in step by step as the workflow does; whatever is done again has one effect."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from support.builders import PROJECT, a_project
from support.bus_events import object_created
from support.cloud_house import CloudHouse
from support.dynamodb_stores import BUCKET
from support.events import read
from support.faults import FailingStore

from functions.bulk_import.steps import cut, report, take
from ricordo.domain.errors import (
    EmbedderUnavailableError,
    InvalidRequestError,
    NotFoundError,
    ProjectNotFoundError,
    RequestTooLargeError,
    UnavailableError,
)
from ricordo.domain.event import EventQuery
from ricordo.domain.paging import PageRequest
from ricordo.usecases.cut_import import cut_import

KEY = f"imports/{PROJECT}/notes.jsonl"
RESULT = f"import-results/{PROJECT}/notes.json"
BLANK_LINES = "\n" * 198  # between two lines, which then begin chunks of their own
State = dict[str, Any]


def stated(text: str, **more: object) -> str:
    """Write a line that states a memory of Ana's."""
    return json.dumps({"memory": text, "user_id": "ana", **more})


SAID = json.dumps({"messages": [{"role": "user", "content": "Ana moved to Lisbon."}], "user_id": "ana"})
LINES = [stated("Ana sings."), SAID, "{", stated("Ana swims."), '{"memory": "Nobody\'s secret."}', stated("Ana sings.")]


@pytest.fixture(autouse=True)
def _wired(cloud_house: CloudHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the steps work for a house with a project."""
    cloud_house.stores.projects.create(a_project())
    serve(cloud_house, monkeypatch)


def serve(house: CloudHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the steps work for a house."""
    for step in (cut, take, report):
        monkeypatch.setattr(step, "services", lambda: house.services)


def drop(house: CloudHouse, *lines: str, key: str = KEY) -> State:
    """Put a file into the bucket; return what S3 tells of it."""
    house.bench.cloud.s3.put_object(Bucket=BUCKET, Key=key, Body="\n".join(lines).encode())
    return object_created(key)


def taken(state: State) -> list[State]:
    """Take the chunks of a page in, the last first."""
    outcomes = [take.handler({"file": state["file"], "chunk": chunk}, None) for chunk in reversed(state["chunks"])]
    return outcomes[::-1]


def pages(event: State) -> Iterator[State]:
    """Work through a file; yield what is handed on after each page."""
    state = {**event, "status": "RUNNING"}
    while state["status"] == "RUNNING":
        state = json.loads(json.dumps(cut.handler(state, None)))
        state = json.loads(json.dumps(report.handler({**state, "results": taken(state)}, None)))
        yield state


def result_of(house: CloudHouse, key: str = RESULT) -> State:
    """Read a result file."""
    told: State = json.load(house.bench.cloud.s3.get_object(Bucket=BUCKET, Key=key)["Body"])
    return told


def counts(result: State) -> list[int]:
    """Return the counts of a result."""
    return [result[name] for name in ("lines", "taken", "bad", "conversations", "memories", "known")]


def test_a_file_is_taken_in_and_its_result_is_told(cloud_house: CloudHouse) -> None:
    """GIVEN good and bad lines WHEN the file is worked through THEN the good are memories and the bad are named."""
    (state,) = pages(drop(cloud_house, *LINES))
    cloud_house.work()

    assert state["status"] == "SUCCEEDED"
    assert sorted(cloud_house.texts()) == ["Ana moved to Lisbon.", "Ana sings.", "Ana swims."]
    result = result_of(cloud_house)
    assert (result["status"], result["file"], counts(result)) == ("SUCCEEDED", KEY, [6, 4, 2, 1, 2, 1])
    assert result["errors"] == [
        {"line": 3, "reason": "not valid JSON in UTF-8."},
        {"line": 5, "reason": "names no owner: one of user_id, agent_id, app_id, run_id is required."},
    ]
    assert "secret" not in json.dumps(result)


def test_a_file_dropped_again_adds_nothing(cloud_house: CloudHouse) -> None:
    """Neither the same event once more, nor the same lines under another name."""
    event = drop(cloud_house, *LINES)
    list(pages(event))
    cloud_house.work()

    list(pages(event))
    list(pages(drop(cloud_house, *LINES, key=f"imports/{PROJECT}/copy.jsonl")))
    cloud_house.work()

    assert len(cloud_house.memories()) == 3
    for key in (RESULT, f"import-results/{PROJECT}/copy.json"):
        assert counts(result_of(cloud_house, key)) == [6, 4, 2, 0, 0, 4]
    assert len(cloud_house.stores.events.list(PROJECT, EventQuery(), PageRequest()).items) == 1


def test_a_long_file_is_worked_through_in_pages(cloud_house: CloudHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines keep their numbers, and the result file tells how far it is."""
    monkeypatch.setattr(cut, "cut_import", partial(cut_import, chunks=2))
    told = ["{" if number % 2 else stated(f"Ana has {number}.") for number in range(5)]
    lines = [line for one in told for line in (one, BLANK_LINES)]

    first, second, last = pages(drop(cloud_house, *lines))

    assert [one["status"] for one in (first, second, last)] == ["RUNNING", "RUNNING", "SUCCEEDED"]
    assert (first["at"], second["at"]["line"]) == ({"start": second["at"]["start"] // 2, "line": 401}, 801)
    result = result_of(cloud_house)
    assert (counts(result), [one["line"] for one in result["errors"]]) == ([5, 3, 2, 0, 3, 0], [201, 601])


def test_progress_can_be_read_before_the_end(cloud_house: CloudHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each page; a report written twice says the same."""
    monkeypatch.setattr(cut, "cut_import", partial(cut_import, chunks=1))
    state = cut.handler(drop(cloud_house, stated("Ana sings."), BLANK_LINES, "{"), None)
    after = {**state, "results": taken(state)}

    assert report.handler(after, None) == report.handler(after, None)

    result = result_of(cloud_house)
    assert (result["status"], counts(result), result["errors"]) == ("RUNNING", [1, 1, 0, 0, 1, 0], [])


@pytest.mark.parametrize("port", ["archive", "memories", "events", "ingestion"])
def test_a_chunk_that_was_interrupted_is_taken_again(
    port: str, cloud_house: CloudHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIVEN a part that goes down in the middle WHEN the chunk comes again THEN all is there once."""
    state = cut.handler(drop(cloud_house, *LINES), None)
    down: Any = FailingStore(getattr(cloud_house.stores, port), UnavailableError("down"))
    serve(cloud_house.with_stores(**{port: down}), monkeypatch)
    with pytest.raises(UnavailableError):
        taken(state)

    serve(cloud_house, monkeypatch)
    report.handler({**state, "results": taken(state)}, None)
    cloud_house.work()

    assert sorted(cloud_house.texts()) == ["Ana moved to Lisbon.", "Ana sings.", "Ana swims."]
    assert result_of(cloud_house)["taken"] == 4


def test_with_the_model_down_a_chunk_comes_again(cloud_house: CloudHouse) -> None:
    """Under the error the workflow waits longest for."""
    state = cut.handler(drop(cloud_house, stated("Ana sings.")), None)
    cloud_house.embedder.is_up = False

    with pytest.raises(EmbedderUnavailableError):
        taken(state)


def test_a_line_too_large_for_the_store_holds_up_no_other(
    cloud_house: CloudHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused by its number; the rest of its batch is stored."""

    class Narrow:
        """A store of memories that takes no long ones."""

        def insert(self, memories: Any) -> Any:
            if any(len(memory.text) > 20 for memory in memories):
                raise RequestTooLargeError("too large for a row.")
            return cloud_house.stores.memories.insert(memories)

    narrow: Any = Narrow()
    serve(cloud_house.with_stores(memories=narrow), monkeypatch)

    (state,) = pages(drop(cloud_house, stated("Ana sings."), stated("Ana " * 9), stated("Ana swims.")))

    assert state["status"] == "SUCCEEDED"
    assert result_of(cloud_house)["errors"] == [{"line": 2, "reason": "too large for a row."}]
    assert sorted(cloud_house.texts()) == ["Ana sings.", "Ana swims."]


def test_a_chunk_that_cannot_be_taken_is_told_and_the_others_count(cloud_house: CloudHouse) -> None:
    """The import has failed, and the result says from which line on what is missing."""
    state = cut.handler(drop(cloud_house, stated("Ana sings."), BLANK_LINES, stated("Ana swims.")), None)
    first, _second = taken(state)

    ended = report.handler({**state, "results": [first, {"line": 201, "error": "EmbedderUnavailableError"}]}, None)

    result = result_of(cloud_house)
    assert (ended["status"], result["status"], result["taken"]) == ("FAILED", "FAILED", 1)
    assert result["untaken"] == [{"from_line": 201, "error": "EmbedderUnavailableError"}]


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("imports/proj-unknown/notes.jsonl", ProjectNotFoundError),
        (f"imports/{PROJECT}/gone.jsonl", NotFoundError),
        (f"imports/{PROJECT}/notes.csv", InvalidRequestError),
        ("imports/notes.jsonl", InvalidRequestError),
        (f"imports/{PROJECT}/.jsonl", InvalidRequestError),
    ],
)
def test_what_is_no_file_of_a_project_is_refused(key: str, error: type[Exception], cloud_house: CloudHouse) -> None:
    """Nothing is taken in."""
    with pytest.raises(error) as raised:
        cut.handler(object_created(key), None)

    assert raised.type is error
    assert cloud_house.memories() == []


def test_a_cut_that_fails_is_reported(cloud_house: CloudHouse) -> None:
    """Beside the results of the project, if the key names one."""
    error = {"Error": "ProjectNotFoundError", "Cause": "{}"}
    unknown, nowhere = object_created("imports/proj-unknown/notes.jsonl"), object_created("imports/notes.jsonl")

    assert report.handler({**unknown, "error": error}, None)["status"] == "FAILED"
    assert report.handler({**nowhere, "error": error}, None) == {"status": "FAILED"}

    result = result_of(cloud_house, "import-results/proj-unknown/notes.json")
    assert (result["status"], result["error"], result["lines"]) == ("FAILED", "ProjectNotFoundError", 0)


def test_a_cut_that_fails_later_is_reported_with_what_was_taken(
    cloud_house: CloudHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is another by now is not mixed with it; the other has an import of its own."""
    monkeypatch.setattr(cut, "cut_import", partial(cut_import, chunks=1))
    lines = (stated("Ana sings."), BLANK_LINES, stated("Ana swims."))
    state = next(pages(drop(cloud_house, *lines)))
    drop(cloud_house, *lines, stated("Ana dances."))

    with pytest.raises(NotFoundError):
        cut.handler(state, None)
    report.handler({**state, "error": {"Error": "NotFoundError", "Cause": "{}"}}, None)

    result = result_of(cloud_house)
    assert (result["status"], result["error"], result["taken"]) == ("FAILED", "NotFoundError", 1)


def test_an_empty_file_is_an_import_of_nothing(cloud_house: CloudHouse) -> None:
    """It succeeds."""
    (state,) = pages(drop(cloud_house, ""))
    assert (state["status"], counts(result_of(cloud_house))) == ("SUCCEEDED", [0, 0, 0, 0, 0, 0])


@pytest.mark.parametrize(
    ("name", "file"), [("created", "2026/notes.jsonl"), ("created_key_encoded", "old notes+.jsonl")]
)
def test_a_payload_names_its_file(name: str, file: str, cloud_house: CloudHouse) -> None:
    """Whether its key is plain or URL-encoded."""
    key = f"imports/proj_events/{file}"
    cloud_house.stores.projects.create(a_project("proj_events"))
    drop(cloud_house, stated("Ana sings."), key=key)

    state = cut.handler(read("bulk_import")[name], None)

    assert (state["file"]["key"], len(state["chunks"])) == (key, 1)
    assert "at" not in state


def test_a_payload_without_a_project_is_refused() -> None:
    """A file right below the prefix is nobody's."""
    with pytest.raises(InvalidRequestError):
        cut.handler(read("bulk_import")["created_without_project"], None)
